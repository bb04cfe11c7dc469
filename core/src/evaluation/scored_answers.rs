//! The scores of judged answers: of any resample of people by what each person's answers add up to, and with any exchange of
//! labels. Where several models have answered, a score is the mean of theirs.

use super::{ClassTally, Confusion, Judged, JudgedAnswers, Prediction, Roc, Score, ValueTally};
use crate::labels::Target;

/// The mean over models; none where one of them has none.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Answers that tell classes apart.
pub(super) struct ClassAnswers {
    classes: usize,
    /// By model and person; one person where they are not known.
    tallies: Vec<Vec<ClassTally>>,
    /// By model.
    roc: Vec<Roc>,
    /// By model, the person of each of its answers.
    people: Vec<Vec<usize>>,
}

/// The class and the probabilities of an answer.
fn of_class(answer: &Judged) -> Option<(usize, &[f64])> {
    match (answer.target, &answer.prediction) {
        (Target::Class(truth), Prediction::Classes(probabilities)) => Some((truth, probabilities)),
        _ => None,
    }
}

impl ClassAnswers {
    pub fn of(judged: &JudgedAnswers, classes: usize) -> Self {
        let people = judged.people.len().max(1);
        let mut tallies = vec![vec![ClassTally::new(classes); people]; judged.models];
        let mut of_models: Vec<(Vec<usize>, Vec<&[f64]>)> = vec![Default::default(); judged.models];
        let mut owners = vec![Vec::new(); judged.models];
        for answer in &judged.answers {
            let Some((truth, probabilities)) = of_class(answer) else { continue };
            let person = answer.person.unwrap_or_default();
            tallies[answer.model][person].add(truth, probabilities);
            of_models[answer.model].0.push(truth);
            of_models[answer.model].1.push(probabilities);
            owners[answer.model].push(person);
        }
        let roc = of_models.iter().map(|(truths, said)| Roc::new(classes, truths, said)).collect();
        Self { classes, tallies, roc, people: owners }
    }

    /// A model's answers, where a person's count so much.
    fn weighted(&self, model: usize, weights: &[f64]) -> ClassTally {
        let mut sum = ClassTally::new(self.classes);
        self.tallies[model].iter().zip(weights).for_each(|(tally, &weight)| sum.add_weighted(tally, weight));
        sum
    }

    /// All answers of all models.
    pub fn all(&self) -> ClassTally {
        let mut sum = ClassTally::new(self.classes);
        self.tallies.iter().flatten().for_each(|tally| sum.add_weighted(tally, 1.0));
        sum
    }

    pub fn score(&self, score: Score, weights: &[f64]) -> Option<f64> {
        mean((0..self.tallies.len()).map(|model| {
            if score == Score::RocAuc {
                return self.roc[model].macro_area(|answer| weights[self.people[model][answer]]);
            }
            let tally = self.weighted(model, weights);
            match score {
                Score::BalancedAccuracy => tally.confusion().balanced_accuracy(),
                Score::Accuracy => tally.confusion().accuracy(),
                Score::MacroF1 => tally.confusion().macro_f1(),
                Score::Kappa => tally.confusion().kappa(),
                Score::LogLoss => tally.log_loss(),
                Score::CalibrationError => tally.calibration_error(),
                _ => None,
            }
        }))
    }

    /// By class, the mean over the models.
    pub fn roc_auc(&self) -> Vec<Option<f64>> {
        let areas: Vec<Vec<Option<f64>>> = self.roc.iter().map(|roc| roc.areas(|_| 1.0)).collect();
        (0..self.classes).map(|class| mean(areas.iter().map(|of_model| of_model[class]))).collect()
    }

    /// The balanced accuracy with exchanged labels.
    pub fn balanced_accuracy_with(&self, judged: &JudgedAnswers, labels: &[usize]) -> Option<f64> {
        let mut confusions = vec![Confusion::new(self.classes); judged.models];
        for answer in &judged.answers {
            if let (Target::Class(truth), Some(predicted)) =
                (judged.unit_targets[labels[answer.unit]], answer.prediction.class())
            {
                confusions[answer.model].add(truth, predicted, 1.0);
            }
        }
        mean(confusions.iter().map(Confusion::balanced_accuracy))
    }
}

/// Answers that are numbers.
pub(super) struct ValueAnswers {
    /// By model and person; one person where they are not known.
    tallies: Vec<Vec<ValueTally>>,
}

impl ValueAnswers {
    pub fn of(judged: &JudgedAnswers) -> Self {
        let mut tallies = vec![vec![ValueTally::default(); judged.people.len().max(1)]; judged.models];
        for answer in &judged.answers {
            if let (Target::Value(truth), Prediction::Value(value)) = (answer.target, &answer.prediction) {
                tallies[answer.model][answer.person.unwrap_or_default()].add(f64::from(truth), *value);
            }
        }
        Self { tallies }
    }

    pub fn score(&self, score: Score, weights: &[f64]) -> Option<f64> {
        mean(self.tallies.iter().map(|of_people| {
            let mut tally = ValueTally::default();
            of_people.iter().zip(weights).for_each(|(of_person, &weight)| tally.add_weighted(of_person, weight));
            match score {
                Score::R2 => tally.r2(),
                Score::Mae => tally.mae(),
                Score::Rmse => tally.rmse(),
                Score::Pearson => tally.pearson(),
                Score::Bias => tally.bias(),
                _ => None,
            }
        }))
    }
}

/// R² with exchanged labels.
pub(super) fn r2_with(judged: &JudgedAnswers, labels: &[usize]) -> Option<f64> {
    let mut tallies = vec![ValueTally::default(); judged.models];
    for answer in &judged.answers {
        if let (Target::Value(truth), Prediction::Value(value)) =
            (judged.unit_targets[labels[answer.unit]], &answer.prediction)
        {
            tallies[answer.model].add(f64::from(truth), *value);
        }
    }
    mean(tallies.iter().map(ValueTally::r2))
}
