//! What has not been learnt is told as chance, however good a number looks.

use rand::RngExt;

use super::*;
use crate::{
    random::{Purpose, stream},
    training::metrics::Standing,
};

/// Windows of a subject.
const WINDOWS: usize = 3;

/// Noise of these subjects, whose gender nothing in the images tells.
fn noise(splits: [(&str, Vec<bool>); 2]) -> MemoryStorage {
    let mut random = stream(11, Purpose::Demo, 0);
    let mut files = Vec::new();
    for (split, females) in splits {
        let mut table = "file_name,split,gender\n".to_owned();
        for (subject, female) in females.into_iter().enumerate() {
            for window in 0..WINDOWS {
                let path = format!("{split}/sub-{split}{subject}/{window}.png");
                table += &format!("{path},{split},{}\n", if female { "F" } else { "M" });
                let pixels = (0..SIDE * SIDE).map(|_| random.random()).collect();
                let image = Image { width: SIDE, height: SIDE, channels: 1, pixels };
                files.push((path, image.encode_png().unwrap()));
            }
        }
        files.push((format!("{split}-metadata.csv"), table.into_bytes()));
    }
    MemoryStorage::with_files(files)
}

/// The gender's results after every epoch.
fn learnt(data: &MemoryStorage) -> Vec<metrics::TaskMetrics> {
    let config = config(&[
        ("[\"gender\", \"health\", \"age\"]", "[\"gender\"]"),
        ("health = 1.0\nage = 0.01\n", ""),
        ("batch_size = 5", "batch_size = 12"),
        ("epochs = 3", "epochs = 4"),
    ]);
    let (_, events, _) = finished(&config, data);
    let evaluated = events.into_iter().filter_map(|event| match event {
        TrainEvent::Evaluated(evaluation) => Some(evaluation.metrics.tasks[0].clone()),
        _ => None,
    });
    evaluated.collect()
}

#[test]
fn labels_drawn_at_random_are_told_as_chance() {
    let mut random = stream(5, Purpose::Demo, 0);
    let mut drawn = |subjects: usize| (0..subjects).map(|_| random.random()).collect::<Vec<bool>>();
    let results = learnt(&noise([("train", drawn(40)), ("val", drawn(30))]));
    assert_eq!(results.len(), 4);
    for result in results {
        assert_eq!((result.samples, result.subjects), (90, Some(30)));
        let balanced = result.scores.balanced_accuracy().unwrap();
        assert!((balanced - 0.5).abs() < 0.15, "{result:?}");
        let standing = result.standing().unwrap();
        assert!(
            matches!(
                standing,
                Standing::NoBetterThanMajority | Standing::NoBetterThanChance | Standing::NotSurelyAboveChance
            ),
            "{result:?}"
        );
    }
}

#[test]
fn nine_in_ten_is_told_as_the_share_of_the_most_frequent_class() {
    let with = |females: usize, males: usize| [vec![true; females], vec![false; males]].concat();
    let results = learnt(&noise([("train", with(36, 4)), ("val", with(18, 2))]));
    let last = results.last().unwrap();
    assert_eq!(last.scores.majority(), Some(0.9));
    assert!(last.scores.accuracy().unwrap() > 0.8, "it looks like success: {last:?}");
    assert!((last.scores.balanced_accuracy().unwrap() - 0.5).abs() < 0.15, "{last:?}");
    assert_eq!(last.standing(), Some(Standing::NoBetterThanMajority), "{last:?}");
}
