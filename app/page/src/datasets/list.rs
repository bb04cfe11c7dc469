//! The datasets that are kept, and how much room they take.

use leptos::prelude::*;
use signal_studio_app_shared::{format, protocol::Library};

use crate::shell::{
    selection::{DataPage, selection},
    studio::studio,
};

/// The list.
#[component]
pub fn DatasetList() -> impl IntoView {
    let studio = studio();
    let selection = selection();
    let datasets =
        move || studio.library.with(|library| library.as_ref().map_or_else(Vec::new, |l| l.datasets.clone()));
    let current = move || selection.data_page.with(|place| place.dataset().map(str::to_owned));
    view! {
        <section class="card datasets" aria-labelledby="datasets-title">
            <div class="row datasets__head">
                <h2 id="datasets-title" class="grow">"Datasets"</h2>
                <button
                    class="button button--small"
                    hidden=move || selection.data_page.with(|page| *page == DataPage::All)
                    on:click=move |_| selection.data_page.set(DataPage::All)
                >
                    "Add"
                </button>
            </div>
            <ul class="datasets__list" role="list">
                <For each=datasets key=|line| (line.name.clone(), line.bytes) let:line>
                    {
                        let (name, shown) = (line.name.clone(), line.name.clone());
                        let open = line.name.clone();
                        let is_current = {
                            let name = line.name.clone();
                            move || (current().as_deref() == Some(&name)).then_some("true")
                        };
                        view! {
                            <li>
                                <button
                                    class="datasets__item"
                                    data-testid="dataset-row"
                                    data-name=name
                                    aria-current=is_current
                                    on:click=move |_| selection.data_page.set(DataPage::Dataset(open.clone()))
                                >
                                    <span class="datasets__name">{shown}</span>
                                    <span class="muted small figure">{format::bytes(line.bytes)}</span>
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
            {move || studio.library.get().map(|library| view! { <Room library/> })}
        </section>
    }
}

/// How much of the browser's storage is used, and whether it stays.
#[component]
fn Room(library: Library) -> impl IntoView {
    let Library { used_bytes, quota_bytes, is_persistent, .. } = library;
    let text = format!("{} of {} used", format::bytes(used_bytes), format::bytes(quota_bytes));
    let promise = if is_persistent {
        "The browser has promised to keep it until you delete it."
    } else {
        "The browser may remove it when the disk gets full: keep your own copy of what you need."
    };
    view! {
        <div class="room">
            <label class="small figure" for="room-meter">{text}</label>
            <meter id="room-meter" class="room__meter" min="0" max=quota_bytes.max(1).to_string() value=used_bytes.to_string()></meter>
            <p class="muted small">{promise}</p>
        </div>
    }
}
