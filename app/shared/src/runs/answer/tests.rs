//! What people are told of small tables of predictions.

use signal_studio_core::{
    config::Baseline,
    evaluation::{
        Answer, Assessment, Level, LevelAssessment, PredictedWindow, Prediction, PredictionTable, TaskAssessment,
    },
    labels::{Target, TaskKind, TaskSpec},
    training::{
        BaselineResult, BaselineResults,
        metrics::{Scores, TaskMetrics},
    },
};

use super::{classes, numbers, people::PeopleDots, sentences::*, whiskers::Whiskers};
use crate::protocol::SplitAnswer;

const WINDOWS: usize = 6;

/// What so many people's windows, of two recordings each, are labelled, and what is said of them.
fn split(kind: TaskKind, people: usize, answer: impl Fn(usize, usize) -> (Target, Prediction)) -> SplitAnswer {
    let task = TaskSpec { name: "task".to_owned(), kind, description: String::new() };
    let row = |place: usize| {
        let (person, window) = (place / WINDOWS, place % WINDOWS);
        let (target, prediction) = answer(person, window);
        PredictedWindow {
            sample: place.to_string(),
            recording: Some(format!("{person}-{}", window / 3)),
            start_s: None,
            subject: Some(format!("sub-{person:02}")),
            split: "test".to_owned(),
            fold: None,
            seed: 1,
            answers: vec![Answer { target: Some(target), prediction }],
        }
    };
    let table = PredictionTable { tasks: vec![task], rows: (0..people * WINDOWS).map(row).collect() };
    SplitAnswer { split: "test".to_owned(), is_test: true, assessment: Assessment::of(&table, 1), baselines: None }
}

/// People of two classes in turn; whether each window's answer is right.
fn classes(people: usize, is_right: impl Fn(usize, usize) -> bool) -> SplitAnswer {
    let kind = TaskKind::Classification { classes: ["F", "M"].map(str::to_owned).to_vec() };
    split(kind, people, |person, window| {
        let class = person % 2;
        let second = if (class == 1) == is_right(person, window) { 0.8 } else { 0.2 };
        (Target::Class(class), Prediction::Classes(vec![1.0 - second, second]))
    })
}

/// Ages from 20 in steps of five years, and what is said of each.
fn ages(people: usize, said: impl Fn(f64) -> f64) -> SplitAnswer {
    split(TaskKind::Regression { unit: Some("years".to_owned()) }, people, |person, _| {
        let age = 20.0 + 5.0 * person as f64;
        (Target::Value(age as f32), Prediction::Value(said(age)))
    })
}

fn task(split: &SplitAnswer) -> (&TaskAssessment, &LevelAssessment) {
    let task = &split.assessment.tasks[0];
    (task, &task.levels[0])
}

fn told(split: &SplitAnswer) -> String {
    let (task, level) = task(split);
    sentence(split, task, level).replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn more_than_chance_is_told_with_its_certainty() {
    let good = told(&classes(12, |person, window| person != 0 && window != 3));
    assert!(
        good.starts_with("On 12 people the model has never seen, balanced accuracy by window is 76.4 % (95 % "),
        "{good}"
    );
    assert!(good.contains(" %), better than chance (50.0 %, p = 0.0") || good.contains("p < 0.001"), "{good}");
    let middling = told(&classes(8, |person, window| person < 4 && window < 4 || window < 3));
    assert!(middling.contains(", not surely better than chance (50.0 %, p = 0."), "{middling}");
    let bad = told(&classes(8, |person, window| person < 4 && window < 3));
    assert!(bad.contains("), no better than chance (50.0 %, p = "), "{bad}");
}

#[test]
fn few_people_are_told_to_be_too_few_and_one_class_to_tell_nothing() {
    let four = classes(4, |_, _| true);
    // One in eight resamples of four people is of one class.
    assert!(caution(task(&four).1).is_some() && caution(task(&classes(12, |_, _| true)).1).is_none());
    let few = told(&four);
    assert!(few.ends_with("; these are too few people to tell it from chance (50.0 %)."), "{few}");
    assert_eq!(
        told(&classes(1, |_, _| true)),
        "On 1 person the model has never seen, all labels are F: there is nothing to tell apart."
    );
}

#[test]
fn numbers_are_compared_with_saying_their_mean() {
    let good = told(&ages(8, |age| age + 2.5));
    let expected = "On 8 people the model has never seen, predictions by window are off by 2.50 years (95 % interval";
    assert!(good.starts_with(expected), "{good}");
    assert!(good.contains("on average, better than chance (R² 0.9"), "{good}");
    let bad = told(&ages(8, |age| -age));
    assert!(bad.contains("on average, no better than always saying their mean (R² −"), "{bad}");
    let alike =
        told(&split(TaskKind::Regression { unit: None }, 3, |_, _| (Target::Value(1.0), Prediction::Value(2.0))));
    assert!(alike.contains("off by 1.00") && alike.ends_with("so that there is nothing to tell apart."), "{alike}");
}

#[test]
fn validation_and_people_who_are_not_known_are_called_so() {
    let mut validation = classes(12, |_, _| true);
    validation.is_test = false;
    assert!(told(&validation).starts_with("On 12 people of validation, "), "{}", told(&validation));
    validation.assessment.tasks[0].people.clear();
    assert!(told(&validation).starts_with("On 72 windows of unknown people, "), "{}", told(&validation));
    assert_eq!(extent(&validation.assessment), "72 windows of 24 recordings of 12 people");
    validation.assessment.subjects = None;
    assert_eq!(extent(&validation.assessment), "72 windows of 24 recordings of unknown people");
    assert_eq!(
        not_known(&validation.assessment.tasks[0], Level::Recording),
        "It is not known of which recordings these windows are."
    );
}

fn methods(scores: &Scores) -> BaselineResults {
    let method = |baseline| {
        let (task, scores) = ("task".to_owned(), scores.clone());
        let metrics = TaskMetrics { task, samples: 72, subjects: None, class_subjects: Vec::new(), loss: 0.0, scores };
        BaselineResult { baseline, tasks: vec![metrics], score: None }
    };
    let methods = [Baseline::Majority, Baseline::BandPower].map(method).to_vec();
    BaselineResults { split: "test".to_owned(), methods, left_out: Vec::new() }
}

#[test]
fn shares_lie_between_both_ends_of_one_axis_and_chance_in_their_middle() {
    let split = classes(12, |person, window| person != 0 && window != 3);
    let (task, level) = task(&split);
    let baselines = methods(&Scores::Confusion(vec![vec![36, 0], vec![18, 18]]));
    let drawn = Whiskers::of(task, level, Some(&baselines)).unwrap();
    let [balanced, accuracy] = drawn.groups.as_slice() else { panic!("{drawn:?}") };
    assert_eq!(balanced.guess.as_ref().unwrap().0, 50.0);
    let names: Vec<&str> = balanced.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["this model", "band_power"]);
    // 0 % is at 5, 100 % at 95.
    let close = |place: f64, expected: f64| assert!((place - expected).abs() < 1e-9, "{place} is not {expected}");
    close(balanced.rows[1].place, 5.0 + 0.75 * 90.0);
    let [low, high] = balanced.rows[0].whisker.unwrap();
    assert!((5.0..balanced.rows[0].place).contains(&low) && (balanced.rows[0].place..=95.0).contains(&high));
    close(accuracy.rows[1].place, 50.0);
    assert_eq!(drawn.ticks.first().unwrap(), &(5.0, "0".to_owned()));
    let words = drawn.in_words().replace('\u{202f}', " ");
    assert!(words.starts_with("Balanced accuracy: this model 76.4 %, "), "{words}");
    assert!(words.contains("; band_power 75.0 %; chance 50.0 %. Accuracy: this model"), "{words}");

    let by_person = Whiskers::of(task, &task.levels[2], Some(&baselines)).unwrap();
    assert_eq!(by_person.groups[0].rows[1].name, "band_power, by window");
}

#[test]
fn errors_of_numbers_lie_on_an_axis_from_zero_to_the_largest() {
    let split = ages(8, |age| age + 2.5);
    let (task, level) = task(&split);
    let baselines = methods(&Scores::Errors { mae: 10.0, mse: 130.0, r2: Some(0.0) });
    let drawn = Whiskers::of(task, level, Some(&baselines)).unwrap();
    let [errors] = drawn.groups.as_slice() else { panic!("{drawn:?}") };
    assert_eq!((errors.title.as_str(), errors.guess.as_ref()), ("MAE (years)", None));
    let places: Vec<f64> = errors.rows.iter().map(|row| row.place).collect();
    assert_eq!(places, [5.0 + 0.25 * 90.0, 95.0, 95.0], "the model, always the mean, band powers");
    assert_eq!(drawn.ticks.last().unwrap(), &(95.0, "10".to_owned()));
}

#[test]
fn people_are_sorted_by_how_many_windows_are_right() {
    let split = classes(4, |person, window| window < [4, 6, 0, 3][person]);
    let dots = PeopleDots::of(task(&split).0).unwrap();
    let told: Vec<(&str, [f64; 2])> = dots.dots.iter().map(|dot| (dot.subject.as_str(), dot.place)).collect();
    assert_eq!(told[0], ("sub-02", [12.5, 0.0]));
    assert_eq!(told[1], ("sub-03", [37.5, 50.0]));
    assert_eq!(told[3], ("sub-01", [87.5, 100.0]));
    assert_eq!(dots.dots[1].in_words().replace('\u{202f}', " "), "sub-03, M: 50.0 % of 6 windows right");
}

#[test]
fn numbers_of_people_lie_beside_the_line_on_which_they_are_right() {
    let split = ages(3, |age| if age > 27.0 { 20.0 } else { age });
    let dots = PeopleDots::of(task(&split).0).unwrap();
    let apart: Vec<f64> = dots.dots.iter().map(|dot| dot.place[0] - dot.place[1]).collect();
    assert!(apart[0].abs() < 1e-9 && apart[1].abs() < 1e-9 && apart[2] > 50.0, "{apart:?}");
    assert!(dots.dots.iter().all(|dot| dot.place.iter().all(|place| (0.0..=100.0).contains(place))));
    assert_eq!(
        dots.dots[2].in_words().replace('\u{a0}', " "),
        "sub-02, 30.0 years: 20.0 years predicted, as the mean of 6 windows"
    );
}

#[test]
fn classes_have_their_recall_and_precision() {
    let split = classes(12, |person, window| person % 2 == 0 || window < 3);
    let (task, level) = task(&split);
    let [first, second] = classes::class_lines(task, level).try_into().unwrap();
    assert_eq!((first.class.as_str(), first.answers, first.recall), ("F", 36, Some(1.0)));
    assert_eq!((second.recall, second.precision), (Some(0.5), Some(1.0)));
    let metrics = classes::metrics(task, level);
    assert_eq!((metrics.samples, metrics.scores), (72, Scores::Confusion(vec![vec![36, 0], vec![18, 18]])));
}

#[test]
fn small_p_values_are_not_told_as_zero() {
    let split = classes(12, |_, _| true);
    let p = task(&split).1.p.unwrap();
    assert_eq!(numbers::p_value(&p), "p = 0.001");
    let other = |p| numbers::p_value(&signal_studio_core::evaluation::PValue { p, ..task(&split).1.p.unwrap() });
    assert_eq!([other(0.0001), other(0.0204), other(0.4)], ["p < 0.001", "p = 0.020", "p = 0.40"]);
}
