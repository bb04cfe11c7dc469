//! The line chart as a component: its toolbar, its canvases, what is said where it is pointed at, its legend.

use std::rc::Rc;

use leptos::{ev, html, prelude::*};
use signal_studio_app_shared::drawing::{
    numbers::precise,
    series::{LineStyle, Series},
};
use web_sys::HtmlCanvasElement;

use super::{
    gestures::{self, Gestures},
    paint,
    plot::{ChartSettings, Format, Plot, SharedPlot, Tip, TipRow, Words},
    readout,
    surface::Surface,
    theme::PALETTE,
};

/// The canvas of axes and lines, below that of the crosshair.
const LINES: usize = 0;
/// The canvas of the crosshair.
const CROSSHAIR: usize = 1;

/// Lines over a common x axis, which the reader can zoom, smooth, hide and point at.
///
/// Points are pushed into the [`Series`]; `version` changes when that was done. However often it does, the chart is
/// painted when the painter has its turn for it, and not while it cannot be seen. It fills the width it is given, and
/// brings no card.
#[component]
pub fn LineChart(
    /// What the chart shows, as "Loss".
    #[prop(into)]
    title: String,
    /// The unit that values are in: "", "%", "samples/s".
    #[prop(into, optional)]
    unit: String,
    /// What x counts: "Step".
    #[prop(into)]
    x_label: String,
    /// The lines. Those that stay keep their place, and their average.
    #[prop(into)]
    series: Signal<Vec<Series>, LocalStorage>,
    /// Changes whenever points were appended.
    #[prop(into)]
    version: Signal<u64>,
    /// What is said where there are points and no values.
    reason_for_gaps: &'static str,
    /// Whether heights are logarithms at first.
    #[prop(optional)]
    log_y: bool,
    /// The weight of the past in the moving average at first; 0 for none.
    #[prop(optional)]
    smoothing: f64,
    /// How an x is written where it is pointed at.
    #[prop(default = precise)]
    x_format: Format,
    /// How a value is written where it is pointed at.
    #[prop(default = precise)]
    y_format: Format,
) -> impl IntoView {
    let settings = ChartSettings::new(smoothing, log_y);
    let words = Words::new(&title);
    let plot: SharedPlot = StoredValue::new_local(Rc::new(Plot {
        title: title.clone(),
        unit: unit.clone(),
        x_label,
        reason_for_gaps,
        x_format,
        y_format,
        lines: series,
        settings,
        words,
        layers: Default::default(),
        geometry: Default::default(),
        scratch: Default::default(),
    }));

    let lowest = NodeRef::<html::Canvas>::new();
    let highest = NodeRef::<html::Canvas>::new();
    let surface = StoredValue::new_local(None::<Surface>);
    Effect::new(move |_| {
        if let (Some(lowest), Some(highest)) = (lowest.get(), highest.get()) {
            surface.set_value(start(plot, vec![lowest, highest]));
        }
    });
    let repaint = move |redraw: fn(&Surface, usize), layer| {
        surface.with_value(|surface| surface.iter().for_each(|surface| redraw(surface, layer)));
    };
    Effect::new(move |_| {
        series.track();
        version.track();
        repaint(Surface::redraw, LINES);
    });
    Effect::new(move |_| {
        settings.zoom.track();
        settings.smoothing.track();
        settings.is_log.track();
        settings.hidden.track();
        repaint(Surface::redraw_at_once, LINES);
    });
    Effect::new(move |_| {
        settings.cursor.track();
        settings.band.track();
        repaint(Surface::redraw_at_once, CROSSHAIR);
    });

    let label = title.clone();
    view! {
        <div class="chart" role="group" aria-label=label>
            <div class="chart__head">
                <p class="chart__title">{title}{unit_of(unit)}</p>
                <Toolbar settings/>
            </div>
            <div class="chart__stage">
                <canvas class="chart__canvas" node_ref=lowest aria-hidden="true"></canvas>
                <Pointed plot node_ref=highest/>
                {move || words.notice.get().map(|notice| view! { <p class="chart__notice">{notice}</p> })}
                {move || words.tip.get().map(tip)}
            </div>
            {move || words.note.get().map(|note| view! { <p class="chart__note">{note}</p> })}
            <Legend series settings/>
        </div>
    }
}

/// Paints from now on; without canvases there is a line in the console instead of a chart.
fn start(plot: SharedPlot, canvases: Vec<HtmlCanvasElement>) -> Option<Surface> {
    let plot = plot.get_value();
    let surface = Surface::new(canvases, move |layer, frame| match layer {
        LINES => paint::lines(&plot, frame),
        _ => readout::crosshair(&plot, frame),
    });
    surface.inspect_err(web_sys::console::error_1).ok()
}

fn unit_of(unit: String) -> Option<impl IntoView> {
    (!unit.is_empty()).then(|| view! { " " <span class="chart__unit">{unit}</span> })
}

/// The canvas that takes pointers and keys, and says to those who do not see it what it shows.
#[component]
fn Pointed(plot: SharedPlot, node_ref: NodeRef<html::Canvas>) -> impl IntoView {
    let Words { summary, .. } = plot.with_value(|plot| plot.words);
    let settings = plot.with_value(|plot| plot.settings);
    let gestures = StoredValue::new_local(Gestures::default());
    // A pointer may still do something to a chart that has just been removed.
    let with = move |act: fn(&Gestures, &Plot, &ev::PointerEvent)| {
        move |event: ev::PointerEvent| {
            plot.try_with_value(|plot| gestures.try_with_value(|gestures| act(gestures, plot, &event)));
        }
    };
    let said = RwSignal::new(String::new());
    let on_key = move |event: ev::KeyboardEvent| {
        if let Some(sentence) = plot.with_value(|plot| gestures::key(plot, &event)) {
            said.set(sentence);
        }
    };
    // The button goes once there is nothing to reset: who pressed it by key stays in the chart.
    let reset = move |_| {
        settings.zoom.set(None);
        if let Some(Err(error)) = node_ref.get_untracked().map(|canvas| canvas.focus()) {
            web_sys::console::warn_1(&error);
        }
    };
    let reset_button = move || {
        settings.zoom.get().map(|_| {
            view! { <button type="button" class="chart__tool chart__reset" on:click=reset>"Reset zoom"</button> }
        })
    };
    view! {
        <canvas
            class="chart__canvas chart__canvas--pointed"
            node_ref=node_ref
            tabindex="0"
            role="img"
            aria-label=move || {
                format!("{} Arrow keys read values, plus and minus zoom, 0 shows everything.", summary.get())
            }
            on:pointerdown=with(Gestures::down)
            on:pointermove=with(Gestures::moved)
            on:pointerup=with(Gestures::up)
            on:pointercancel=with(Gestures::cancel)
            on:lostpointercapture=with(Gestures::up)
            on:pointerleave=with(Gestures::leave)
            on:dblclick=move |_| plot.with_value(|plot| plot.show_all())
            on:wheel=move |event| plot.with_value(|plot| gestures::wheel(plot, &event))
            on:keydown=on_key
            on:blur=move |_| settings.cursor.set(None)
        ></canvas>
        <p class="chart__keys" aria-hidden="true">"← → read · + − zoom · 0 all"</p>
        {reset_button}
        <p class="visually-hidden" aria-live="polite">{said}</p>
    }
}

/// Smoothing and scale.
#[component]
fn Toolbar(settings: ChartSettings) -> impl IntoView {
    let ChartSettings { smoothing, is_log, .. } = settings;
    let set_smoothing = move |event| {
        // A slider gives numbers, and nothing else.
        if let Ok(weight) = event_target_value(&event).parse() {
            smoothing.set(weight);
        }
    };
    view! {
        <div class="chart__tools">
            <label class="chart__smoothing">
                <span>"Smoothing"</span>
                <input
                    type="range"
                    class="chart__slider"
                    min="0"
                    max="0.99"
                    step="0.01"
                    prop:value=move || smoothing.get().to_string()
                    on:input=set_smoothing
                />
                <span class="chart__weight">{move || format!("{:.2}", smoothing.get())}</span>
            </label>
            <button
                type="button"
                class="chart__tool"
                aria-pressed=move || is_log.get().to_string()
                on:click=move |_| is_log.update(|is_log| *is_log = !*is_log)
            >
                "Log scale"
            </button>
        </div>
    }
}

/// The lines' names. A single line needs none beside the title.
#[component]
fn Legend(series: Signal<Vec<Series>, LocalStorage>, settings: ChartSettings) -> impl IntoView {
    let entries = Memo::new(move |_| {
        series.with(|lines| {
            lines.iter().map(|line| (line.label().to_owned(), line.color(), line.style())).collect::<Vec<_>>()
        })
    });
    let toggle = move |label: &str| {
        settings.hidden.update(|hidden| {
            if !hidden.remove(label) {
                hidden.insert(label.to_owned());
            }
        });
    };
    let entry = move |(label, color, style): (String, usize, LineStyle)| {
        let (asked, toggled) = (label.clone(), label.clone());
        view! {
            <li>
                <button
                    type="button"
                    class="chart__entry"
                    aria-pressed=move || settings.hidden.with(|hidden| !hidden.contains(&asked)).to_string()
                    on:click=move |_| toggle(&toggled)
                >
                    {swatch(color, style)}
                    <span class="chart__label">{label}</span>
                </button>
            </li>
        }
    };
    move || {
        let entries = entries.get();
        (entries.len() > 1).then(|| {
            view! { <ul class="chart__legend" aria-label="Lines">{entries.into_iter().map(entry).collect_view()}</ul> }
        })
    }
}

/// A short piece of a line.
fn swatch(color: usize, style: LineStyle) -> impl IntoView {
    let dashes = style.dashes().iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
    view! {
        <svg
            class=format!("chart__swatch chart__swatch--{}", color % PALETTE + 1)
            viewBox="0 0 26 8"
            aria-hidden="true"
        >
            <line x1="1" y1="4" x2="25" y2="4" stroke-dasharray=dashes></line>
        </svg>
    }
}

/// What is pointed at, on that side of the crosshair where there is more room: the space before it gives way where there
/// is not enough.
fn tip(Tip { space, is_right, x, rows }: Tip) -> impl IntoView {
    view! {
        <div class="chart__tip" class:chart__tip--left=is_right aria-hidden="true">
            <span class="chart__tip-space" style:flex-basis=format!("{space}px")></span>
            <div class="chart__tip-card">
                <p class="chart__tip-x">{x}</p>
                <table>
                    <tbody>{rows.into_iter().map(tip_row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

fn tip_row(TipRow { label, color, style, value, raw, at }: TipRow) -> impl IntoView {
    let aside = match (raw, at) {
        (Some(raw), Some(at)) => Some(format!("raw {raw}, at {at}")),
        (Some(raw), None) => Some(format!("raw {raw}")),
        (None, Some(at)) => Some(format!("at {at}")),
        (None, None) => None,
    };
    view! {
        <tr>
            <td>{swatch(color, style)}</td>
            <td class="chart__tip-label">{label}</td>
            <td class="chart__tip-value">{value}</td>
            <td class="chart__tip-aside">{aside}</td>
        </tr>
    }
}
