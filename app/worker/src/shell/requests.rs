//! The message loop: each request is carried out by the module whose job it is, and answered.

use std::{cell::RefCell, rc::Rc};

use js_sys::Array;
use signal_studio_app_shared::{
    protocol::{Event, Fault, Level, Message, Numbered, Reply, Request},
    shell::claims::{Access, Claims, Thing},
};
use signal_studio_core::config::Settings;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent};

use crate::{
    datasets::{
        self,
        cache::DatasetCache,
        import::{Import, import},
        preview,
        samples::{self, Samples},
    },
    devices,
    opfs::Opfs,
    runs::{self, answer::AnswerCache, journals::JournalCache, pack::pack_run},
    shell::{
        errors::{Failure, Outcome},
        home::{Home, folder_of},
        library, panic,
        post::{log, post, post_with, send_event},
        scope::scope,
        single_instance,
    },
    training::{run_check::check_run, run_file::RunFile, trainer::Trainer},
};

/// The settings that the browser goes by: the project's own.
const SETTINGS: &str = include_str!("../../../../configs/default.toml");

/// All that requests are carried out with.
struct Studio {
    home: Home,
    settings: Rc<Settings>,
    cache: Rc<DatasetCache>,
    journals: JournalCache,
    answers: AnswerCache,
    claims: Claims,
    trainer: Rc<Trainer>,
}

impl Studio {
    fn new(home: Home) -> Outcome<Self> {
        let (settings, _) = Settings::parse(SETTINGS, "the built-in settings")?;
        let (settings, cache, claims) = (Rc::new(settings), Rc::default(), Claims::default());
        let trainer = Trainer::new(home.clone(), settings.clone(), Rc::clone(&cache), claims.clone());
        let (journals, answers) = (JournalCache::default(), AnswerCache::default());
        Ok(Self { home, settings, cache, journals, answers, claims, trainer })
    }
}

/// What came before the worker was ready for it, or why it never will be.
enum State {
    Starting(Vec<Envelope>),
    Ready(Rc<Studio>),
    Broken(Fault),
}

/// A message of the page.
struct Envelope {
    text: String,
    attachments: Vec<JsValue>,
}

/// Takes the page's messages from now on.
pub fn serve() {
    panic::install();
    let state = Rc::new(RefCell::new(State::Starting(Vec::new())));
    let inbox = state.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        let text = parts.get(0).as_string().unwrap_or_default();
        let envelope = Envelope { text, attachments: parts.iter().skip(1).collect() };
        match &mut *inbox.borrow_mut() {
            State::Starting(waiting) => waiting.push(envelope),
            State::Ready(studio) => spawn_local(answer(studio.clone(), envelope)),
            State::Broken(fault) => refuse(&envelope, fault),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It is called for as long as the worker lives.
    on_message.forget();
    spawn_local(start(state));
}

/// Opens the files, and then answers what waits.
async fn start(state: Rc<RefCell<State>>) {
    let started = async {
        Opfs::must_be_offered()?;
        single_instance::wait().await;
        let files = Opfs::open().await.map_err(|error| {
            Failure::of_browser(
                "the browser gives this page no place to keep files, as in some private windows",
                &error,
            )
        })?;
        let studio = Studio::new(Home::new(files))?;
        if let Err(Failure(fault)) = library::clean_up(&studio.home).await {
            let message = format!("What was left over from before could not be removed: {}", fault.message);
            log(Level::Warning, message);
        }
        Ok(Rc::new(studio))
    };
    let started: Outcome<Rc<Studio>> = started.await;
    let next = match started {
        Ok(studio) => State::Ready(studio),
        Err(Failure(fault)) => {
            send_event(Event::Log { level: Level::Error, message: fault.message.clone() });
            State::Broken(fault)
        }
    };
    let State::Starting(waiting) = state.replace(next) else { return };
    post(&Message::Ready);
    for envelope in waiting {
        match &*state.borrow() {
            State::Ready(studio) => spawn_local(answer(studio.clone(), envelope)),
            State::Broken(fault) => refuse(&envelope, fault),
            State::Starting(_) => {}
        }
    }
}

fn refuse(envelope: &Envelope, fault: &Fault) {
    if let Ok(Numbered { id, .. }) = serde_json::from_str(&envelope.text) {
        post(&Message::Reply { id, result: Err(fault.clone()) });
    }
}

async fn answer(studio: Rc<Studio>, envelope: Envelope) {
    let Numbered { id, request } = match serde_json::from_str(&envelope.text) {
        Ok(numbered) => numbered,
        // Without a number there is nothing to reply to.
        Err(error) => {
            let message = format!("The worker got a message that it cannot read: {error}");
            return send_event(Event::Log { level: Level::Error, message });
        }
    };
    let mut attachments = Vec::new();
    let outcome = carry_out(&studio, request, envelope.attachments, &mut attachments).await;
    post_with(&Message::Reply { id, result: outcome.map_err(|Failure(fault)| fault) }, &attachments);
}

async fn carry_out(
    studio: &Studio,
    request: Request,
    attached: Vec<JsValue>,
    attachments: &mut Vec<JsValue>,
) -> Outcome<Reply> {
    let Studio { home, settings, cache, journals, answers, claims, trainer } = studio;
    Ok(match request {
        Request::FindDevices => Reply::Devices(devices::find().await?),
        Request::Library => Reply::Library(library::library(home, trainer.active().as_deref()).await?),
        Request::Import { title, paths } => {
            let files: Result<Vec<File>, _> = attached.into_iter().map(JsValue::dyn_into).collect();
            let files = files.map_err(|_| Failure::request("only files can be imported"))?;
            import(&Import { home, settings, cache }, claims, &title, paths, files).await?
        }
        Request::MakeDemo => {
            let what = "the demo is being generated: wait until it is done, or cancel it";
            let things = [Thing::FileWork, Thing::Dataset(samples::DEMO.to_owned())];
            let claim = claims.claim(what, things.map(|thing| (thing, Access::Exclusive)))?;
            let made = samples::make_demo(home, &claim).await;
            // An older demo has made way.
            cache.clear();
            made?;
            Reply::Dataset(Box::new(datasets::stored::dataset(home, settings, samples::DEMO).await?))
        }
        Request::Dataset { name } => Reply::Dataset(Box::new(datasets::stored::dataset(home, settings, &name).await?)),
        Request::DeleteDataset { name } => {
            let what = format!("the dataset `{name}` is being removed: wait until it is gone");
            let things = [Thing::FileWork, Thing::Dataset(folder_of(&name)?.to_owned())];
            let _claim = claims.claim(what, things.map(|thing| (thing, Access::Exclusive)))?;
            datasets::stored::delete(home, cache, &name).await?;
            Reply::Done
        }
        Request::Traces { dataset, recording, start_s, length_s, points } => {
            let stretch = preview::Stretch { start_s, length_s, points };
            Reply::Traces(preview::traces(home, &dataset, &recording, stretch).await?)
        }
        Request::Window { dataset, recording, window, config } => {
            let wanted = preview::Wanted { dataset, recording, window, config };
            let (shown, png) = preview::window(home, settings, cache, wanted).await?;
            attachments.extend(png);
            Reply::Window(shown)
        }
        Request::Sample { config, path } => {
            let run = RunFile::parse(home, settings, config).await?;
            let samples = Samples::of(home, settings, cache, &run).await?;
            attachments.push(samples.open().await?.blob(&path).await?.into());
            Reply::Sample
        }
        Request::Prepare { config } => {
            let what = "samples are being made: wait until they are, or cancel it";
            let claim = claims.claim(what, [(Thing::FileWork, Access::Exclusive)])?;
            let run = RunFile::parse(home, settings, config).await?;
            let samples = Samples::of(home, settings, cache, &run).await?;
            claim.add(Thing::Dataset(folder_of(&samples.dataset)?.to_owned()), Access::Shared)?;
            samples.provide(home, cache, &claim).await?;
            Reply::Dataset(Box::new(datasets::stored::dataset(home, settings, &samples.dataset).await?))
        }
        Request::Cancel => {
            claims.cancel(&Thing::FileWork);
            Reply::Done
        }
        Request::CheckRun { config } => Reply::RunCheck(check_run(home, settings, cache, config).await?),
        Request::Start { config, device } => trainer.start(config, device).await?,
        Request::Resume { run, device } => trainer.resume(run, device).await?,
        Request::Control(command) => trainer.control(command)?,
        Request::Run { name } => {
            Reply::Run(Box::new(runs::stored::run(home, journals, trainer.active_of(&name).as_deref(), &name).await?))
        }
        Request::Answer { run } => Reply::Answer(Box::new(runs::answer::answer(home, answers, &run).await?)),
        Request::RenameRun { name, title } => {
            let active = trainer.active_of(&name);
            let what = format!("the run {name} is being given a title: wait a moment");
            let _claim = match &active {
                Some(_) => None,
                None => Some(claims.claim(what, [(Thing::Run(name.clone()), Access::Exclusive)])?),
            };
            runs::stored::rename(home, active.as_deref(), &name, title).await?;
            Reply::Done
        }
        Request::DeleteRun { name } => {
            let what = format!("the run {name} is being removed: wait until it is gone");
            let _claim = claims.claim(what, [(Thing::Run(name.clone()), Access::Exclusive)])?;
            runs::stored::delete(home, journals, &name).await?;
            Reply::Done
        }
        Request::ExportRun { name } => {
            let active = trainer.active_of(&name);
            let what = format!("the run {name} is being packed for a download: wait until that is done");
            let _claim = match &active {
                Some(_) => None,
                None => Some(claims.claim(what, [(Thing::Run(name.clone()), Access::Shared)])?),
            };
            attachments.push(pack_run(home, active.as_deref(), &name).await?.into());
            Reply::Archive { file_name: format!("{name}.zip") }
        }
    })
}
