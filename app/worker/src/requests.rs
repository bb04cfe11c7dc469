//! The message loop. A request flows in with its attachments, is carried out by the module whose job it is, and its reply
//! flows out.

use std::{cell::RefCell, rc::Rc};

use js_sys::Array;
use signal_studio_app_shared::protocol::{Event, Fault, Level, Message, Numbered, Reply, Request};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent};

use crate::{
    archive::pack_run,
    devices,
    errors::{Failure, Outcome},
    import::import,
    library,
    opfs::Opfs,
    outlook::outlook,
    panic,
    post::{log, post, post_with, scope, tell},
    preview,
    run_file::RunFile,
    runs,
    samples::{self, Samples},
    session, sole,
    studio::Studio,
};

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

/// Opens the files, and then the door.
async fn start(state: Rc<RefCell<State>>) {
    let opened = async {
        Opfs::must_be_offered()?;
        sole::wait().await;
        let files = Opfs::open().await.map_err(|error| {
            Failure::of_browser(
                "the browser gives this page no place to keep files, as in some private windows",
                &error,
            )
        })?;
        let studio = Studio::new(files)?;
        if let Err(Failure(fault)) = library::clean_up(&studio).await {
            let message = format!("What was left over from before could not be removed: {}", fault.message);
            log(Level::Warning, message);
        }
        Ok(Rc::new(studio))
    };
    let opened: Outcome<Rc<Studio>> = opened.await;
    let next = match opened {
        Ok(studio) => State::Ready(studio),
        Err(Failure(fault)) => {
            tell(Event::Log { level: Level::Error, message: fault.message.clone() });
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
            return tell(Event::Log { level: Level::Error, message });
        }
    };
    let mut attachments = Vec::new();
    let outcome = carry_out(&studio, request, envelope.attachments, &mut attachments).await;
    post_with(&Message::Reply { id, result: outcome.map_err(|Failure(fault)| fault) }, &attachments);
}

async fn carry_out(
    studio: &Rc<Studio>,
    request: Request,
    attached: Vec<JsValue>,
    attachments: &mut Vec<JsValue>,
) -> Outcome<Reply> {
    Ok(match request {
        Request::FindDevices => Reply::Devices(devices::find().await?),
        Request::Library => Reply::Library(library::library(studio).await?),
        Request::Import { title, paths } => {
            let files: Result<Vec<File>, _> = attached.into_iter().map(JsValue::dyn_into).collect();
            let files = files.map_err(|_| Failure::request("only files can be imported"))?;
            import(studio, &title, paths, files).await?
        }
        Request::MakeDemo => {
            let job = studio.begin("the generation of the demo")?;
            samples::make_demo(studio, &job).await?;
            Reply::Dataset(Box::new(library::dataset(studio, samples::DEMO).await?))
        }
        Request::Dataset { name } => Reply::Dataset(Box::new(library::dataset(studio, &name).await?)),
        Request::DeleteDataset { name } => {
            library::delete_dataset(studio, &name).await?;
            Reply::Done
        }
        Request::Traces { dataset, recording, start_s, length_s, points } => {
            let stretch = preview::Stretch { start_s, length_s, points };
            Reply::Traces(preview::traces(studio, &dataset, &recording, stretch).await?)
        }
        Request::Window { dataset, recording, window, config } => {
            let (told, png) = preview::window(studio, &dataset, &recording, window, config).await?;
            attachments.extend(png);
            Reply::Window(told)
        }
        Request::Sample { config, path } => {
            let run = RunFile::parse(studio, config).await?;
            attachments.push(Samples::of(studio, &run).await?.open().await?.blob(&path).await?.into());
            Reply::Sample
        }
        Request::Prepare { config } => {
            let job = studio.begin("a preparation")?;
            let run = RunFile::parse(studio, config).await?;
            let samples = Samples::of(studio, &run).await?;
            samples.provide(studio, &job).await?;
            Reply::Dataset(Box::new(library::dataset(studio, &samples.dataset).await?))
        }
        Request::Cancel => {
            studio.cancel();
            Reply::Done
        }
        Request::Outlook { config } => Reply::Outlook(outlook(studio, config).await?),
        Request::Start { config, device } => session::start(studio, config, device).await?,
        Request::Resume { run, device } => session::resume(studio, run, device).await?,
        Request::Control(command) => session::control(studio, command)?,
        Request::Run { name } => Reply::Run(Box::new(runs::run(studio, &name).await?)),
        Request::RenameRun { name, title } => {
            runs::rename(studio, &name, title).await?;
            Reply::Done
        }
        Request::DeleteRun { name } => {
            runs::delete(studio, &name).await?;
            Reply::Done
        }
        Request::ExportRun { name } => {
            attachments.push(pack_run(studio, &name).await?.into());
            Reply::Archive { file_name: format!("{name}.zip") }
        }
    })
}
