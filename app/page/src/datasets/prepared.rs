//! The samples made from a dataset, or brought along: labels by split, subjects of each, examples as pictures.

use std::sync::Arc;

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::{
    datasets::overview::shared_subjects,
    format,
    protocol::{Dataset, Level, Prepared},
    training::run_file,
};
use signal_studio_core::{config::DataType, datasets::SplitDescription, signal::OutputType};

use super::{counts::LabelTables, examples::Examples};
use crate::ui::Notice;

/// Lists of subjects up to this long are open from the start.
const SUBJECTS_OPEN: usize = 40;

/// All samples of a dataset.
#[component]
pub fn Samples(
    /// The dataset.
    dataset: Arc<Dataset>,
) -> impl IntoView {
    if dataset.prepared.is_empty() {
        return Either::Left(view! {
            <section class="card stack" aria-labelledby="samples-title">
                <h3 id="samples-title">"Samples"</h3>
                <p class="muted">
                    "None have been made yet. “Prepare samples” cuts the recordings into windows and makes of each what a \
                     model learns from; training does it by itself where it is needed."
                </p>
            </section>
        });
    }
    let variants = dataset.prepared.iter().cloned();
    Either::Right(
        variants
            .map(|prepared| view! { <Variant prepared preset=run_file::for_pictures(&dataset.name, &dataset.preset)/> })
            .collect_view(),
    )
}

#[component]
fn Variant(prepared: Prepared, preset: String) -> impl IntoView {
    let Prepared { data_type, output_type, splits } = prepared;
    let rows = splits.iter().map(|split| view! { <SplitRow split=split.clone()/> }).collect_view();
    let subjects = splits.iter().map(|split| view! { <Subjects split=split.clone()/> }).collect_view();
    let config = run_file::for_samples(&preset, data_type, output_type);
    let examples = splits.iter().map(|split| (split.name.clone(), split.examples.clone())).collect::<Vec<_>>();
    view! {
        <section class="card stack" aria-label=in_words(data_type, output_type)>
            <h3>{in_words(data_type, output_type)}</h3>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Splits">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Split"</th>
                            <th scope="col" class="table__number">"Samples"</th>
                            <th scope="col" class="table__number">"Subjects"</th>
                            <th scope="col">"Each sample"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {overlap(&splits)}
            <LabelTables splits=splits.clone()/>
            <Examples splits=examples config/>
            <div class="stack subjects">{subjects}</div>
        </section>
    }
}

#[component]
fn SplitRow(split: SplitDescription) -> impl IntoView {
    let people = people(&split);
    view! {
        <tr>
            <th scope="row">{split.name}</th>
            <td class="table__number">{format::count(split.samples as u64)}</td>
            <td class="table__number">{people}</td>
            <td>{split.shape.to_string()}</td>
        </tr>
    }
}

/// How many people a split's samples are of.
fn people(split: &SplitDescription) -> String {
    match split.of_unknown {
        0 => format::count(split.subjects.len() as u64),
        _ => "not known".to_owned(),
    }
}

#[component]
fn Subjects(split: SplitDescription) -> impl IntoView {
    let count = split.subjects.len();
    let title = match split.of_unknown {
        0 => format!("{}: {}", split.name, format::counted(count as u64, "subject", "subjects")),
        _ => format!("{}: whose samples they are is not known of all", split.name),
    };
    let names = split.subjects.into_iter().map(|subject| view! { <li class="chip">{subject}</li> }).collect_view();
    view! {
        <details open={count <= SUBJECTS_OPEN}>
            <summary>{title}</summary>
            <ul class="row subjects__names" role="list" data-testid="split-subjects" data-split=split.name>{names}</ul>
        </details>
    }
}

/// Says of everyone who is in more than one split: what is learnt of a person must not be tested on the same.
fn overlap(splits: &[SplitDescription]) -> impl IntoView + use<> {
    let twice = shared_subjects(splits);
    let is_known = splits.iter().all(|split| split.of_unknown == 0);
    match twice.len() {
        0 if !is_known => {
            let text = "It is not known whose samples all of these are, so that it cannot be checked that nobody is in \
                        two splits. A column `subject` in the metadata says it.";
            Some(view! { <Notice level=Level::Warning text=text.to_owned()/> }.into_any())
        }
        0 if splits.iter().all(|split| split.subjects.is_empty()) => None,
        0 => Some(view! { <p class="muted small">"No subject is in more than one split."</p> }.into_any()),
        _ => {
            let names = twice.into_iter().take(8).collect::<Vec<_>>().join(", ");
            let text = format!("In more than one split: {names}. Scores on such a split say little about new people.");
            Some(view! { <Notice level=Level::Warning text/> }.into_any())
        }
    }
}

fn in_words(data_type: DataType, output_type: OutputType) -> &'static str {
    match (data_type, output_type) {
        (DataType::Timeseries, _) => "Samples: windows of time series",
        (DataType::Spectrogram, OutputType::DbOnly) => "Samples: spectrograms, magnitude in dB",
        (DataType::Spectrogram, OutputType::DbIq) => {
            "Samples: spectrograms, magnitude in dB with real and imaginary part"
        }
        (DataType::Spectrogram, OutputType::DbPolar) => {
            "Samples: spectrograms, magnitude in dB with magnitude and phase"
        }
    }
}
