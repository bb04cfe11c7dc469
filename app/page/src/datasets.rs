//! The Data view: the datasets that are kept in the browser, their recordings and the samples made from them. Here
//! files are added, and a dataset goes on into a run.

mod add;
mod counts;
mod dataset;
pub mod drop;
mod examples;
mod found;
mod list;
pub mod picture;
mod prepared;
mod recording;
mod recordings;
pub mod sample_picture;
mod trace_canvas;
mod traces;
mod window;

use leptos::{either::EitherOf3, prelude::*};

use self::{add::Add, dataset::DatasetPage, list::DatasetList, recording::RecordingPage};
use crate::{
    browser::focus_on,
    shell::{
        fault_notice::FaultNotice,
        selection::{DataPage, selection},
        studio::studio,
    },
};

/// The view.
#[component]
pub fn DataView() -> impl IntoView {
    let studio = studio();
    let selection = selection();
    let is_empty =
        move || studio.library.with(|library| library.as_ref().is_none_or(|library| library.datasets.is_empty()));
    let page = move || match selection.data_page.get() {
        DataPage::All => EitherOf3::A(view! { <Add is_first=Signal::derive(is_empty)/> }),
        DataPage::Dataset(name) => EitherOf3::B(view! { <DatasetPage name/> }),
        DataPage::Recording { dataset, path } => EitherOf3::C(view! { <RecordingPage dataset path/> }),
    };
    let is_open = move || selection.data_page.with(|page| *page != DataPage::All);
    // What was pressed to leave a dataset or a recording has gone with it.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = is_open();
        if was_open == Some(true) && !is_open {
            focus_on(add::TITLE);
        }
        is_open
    });
    let is_unknown = move || studio.library.with(Option::is_none);
    view! {
        <div class="data" class:data--open=is_open>
            <h1 class="visually-hidden">"Data"</h1>
            <div class="data__list" hidden=is_empty>
                <DatasetList/>
            </div>
            <div class="data__page stack">
                <Show when=is_unknown><FaultNotice fault=studio.library_fault/></Show>
                {page}
            </div>
        </div>
    }
}
