//! The frame: top bar, navigation, the three views, messages. The page's state is made here and given to all of it.

mod header;

use leptos::{ev, mount::mount_to, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, PopStateEvent};

use self::header::Header;
use super::{
    drop_anywhere::DropAnywhere,
    leaving::ask_before_leaving,
    link::WorkerState,
    other_tabs,
    selection::{Selection, selection},
    studio::Studio,
    view::View,
};
use crate::{
    browser::{CONTENT, focus_on, mark},
    datasets::DataView,
    runs::RunsView,
    training::TrainView,
    ui::{QuestionDialog, ToastList},
};

/// The element of `index.html` that shows the first paint, and then the page.
const ROOT: &str = "studio";

/// Puts the page into the document.
pub fn mount() {
    let Some(root) = document().get_element_by_id(ROOT).and_then(|root| root.dyn_into::<HtmlElement>().ok()) else {
        leptos::logging::error!("index.html has no element #{ROOT}");
        return;
    };
    root.set_text_content(None);
    mount_to(root, App).forget();
    mark("studio:interactive");
}

/// The view that an entry of the browser's history stands for.
fn view_of(entry: &JsValue) -> View {
    entry.as_string().and_then(|name| View::of_name(&name)).unwrap_or(View::Train)
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let studio = Studio::open();
    provide_context(studio);
    Selection::provide();
    studio.keep_texts();
    ask_before_leaving(studio, selection());
    other_tabs::listen(studio);
    studio.read_link();

    if let Ok(entry) = window().history().and_then(|history| history.state()) {
        studio.view.set(view_of(&entry));
    }
    let back =
        window_event_listener(ev::popstate, move |event: PopStateEvent| studio.view.set(view_of(&event.state())));
    let followed = window_event_listener(ev::hashchange, move |_| studio.read_link());
    on_cleanup(move || {
        back.remove();
        followed.remove();
    });
    Effect::new(move || document().set_title(&format!("{} – Signal Studio", studio.view.get().title())));

    let worker = move || {
        studio.link.state().with(|state| match state {
            WorkerState::Loading { .. } => "loading",
            WorkerState::Ready => "ready",
            WorkerState::Dead(_) => "dead",
        })
    };
    view! {
        <div class="app" data-testid="app" data-worker=worker>
            <a class="skip" href="#main" on:click=skip>"Skip to the content"</a>
            <Header/>
            <main class="main" id=CONTENT tabindex="-1">
                <ViewPanel view=View::Train><TrainView/></ViewPanel>
                <ViewPanel view=View::Data><DataView/></ViewPanel>
                <ViewPanel view=View::Runs><RunsView/></ViewPanel>
            </main>
            <DropAnywhere/>
            <ToastList toasts=studio.toasts/>
            <QuestionDialog question=studio.question/>
        </div>
    }
}

/// Moves the focus by itself: the fragment of the address belongs to links that hold a run file.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    focus_on(CONTENT);
}

/// A view: made when it is shown for the first time, kept when another is shown.
#[component]
fn ViewPanel(view: View, children: ChildrenFn) -> impl IntoView {
    let studio = crate::shell::studio::studio();
    let is_shown = move || studio.view.get() == view;
    let was_shown = Memo::new(move |before: Option<&bool>| before.copied().unwrap_or(false) || is_shown());
    let testid = match view {
        View::Train => "view-train",
        View::Data => "view-data",
        View::Runs => "view-runs",
    };
    view! {
        <div class="view" data-testid=testid hidden=move || !is_shown()>
            <Show when=move || was_shown.get()>{children()}</Show>
        </div>
    }
}
