//! Samples of a preprocessed folder as pictures, split by split. The worker reads each when it is shown.

use leptos::{prelude::*, task::spawn_local};

use super::sample_picture::{Looks, SamplePicture};
use crate::shell::studio::studio;

/// Pictures shown at first, and with every “More”.
const AT_ONCE: usize = 12;

/// Examples, split by split.
#[component]
pub fn Examples(
    /// The splits' names and the paths of their examples.
    splits: Vec<(String, Vec<String>)>,
    /// A run file on these samples.
    config: String,
) -> impl IntoView {
    let current = RwSignal::new(0_usize);
    let shown = RwSignal::new(AT_ONCE);
    let config = StoredValue::new(config);
    let names: Vec<String> = splits.iter().map(|(name, _)| name.clone()).collect();
    let splits = StoredValue::new(splits);
    let tab = |(index, name): (usize, String)| {
        view! {
            <button
                class="button button--small"
                aria-pressed=move || (current.get() == index).to_string()
                on:click=move |_| {
                    current.set(index);
                    shown.set(AT_ONCE);
                }
            >
                {name}
            </button>
        }
    };
    let paths = move || {
        splits.with_value(|splits| {
            splits
                .get(current.get())
                .map_or_else(Vec::new, |(_, paths)| paths.iter().take(shown.get()).cloned().collect())
        })
    };
    let has_more = move || {
        splits.with_value(|splits| splits.get(current.get()).is_some_and(|(_, paths)| paths.len() > shown.get()))
    };
    view! {
        <div class="stack examples">
            <div class="row">
                <h4 class="grow">"Examples"</h4>
                <div class="row" role="group" aria-label="Split">{names.into_iter().enumerate().map(tab).collect_view()}</div>
            </div>
            <ul class="examples__grid" role="list">
                <For each=paths key=|path| path.clone() let:path>
                    <Example path config/>
                </For>
            </ul>
            <button
                class="button button--small examples__more"
                hidden=move || !has_more()
                on:click=move |_| shown.update(|shown| *shown += AT_ONCE)
            >
                "More examples"
            </button>
        </div>
    }
}

#[component]
fn Example(path: String, config: StoredValue<String>) -> impl IntoView {
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let title = path.clone();
    let alt = format!("Sample {name}");
    let studio = studio();
    let looks = RwSignal::new_local(Looks::Loading);
    spawn_local(async move {
        let read = Looks::read(studio, config.get_value(), path).await;
        // It may have made room for another one meanwhile.
        looks.try_set(read);
    });
    view! {
        <li>
            <figure class="examples__item" title=title>
                <SamplePicture looks alt/>
                <figcaption class="small muted">{name}</figcaption>
            </figure>
        </li>
    }
}
