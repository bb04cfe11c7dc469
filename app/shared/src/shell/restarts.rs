//! What becomes of a worker that died: whether and when another takes its place, and what that one is not asked again.

use signal_studio_core::training::TrainEvent;

use crate::protocol::{Event, Message, Reply, Request};

/// Milliseconds before each of the workers that follow one another at once; after the last of them there is no other
/// until the user asks for one.
const DELAYS_MS: [u32; 4] = [0, 1000, 4000, 15_000];

/// A worker that has lived that long, in milliseconds, did not die at once.
const SETTLED_MS: f64 = 60_000.0;

/// Deaths in a row at which a question was open before it is asked no more.
const MOST_DEATHS: u32 = 2;

/// What is remembered of workers that died one soon after the other.
#[derive(Debug, Default)]
pub struct Restarts {
    deaths: usize,
    open_at_deaths: Vec<(Request, u32)>,
}

impl Restarts {
    /// A worker died `lived_ms` after it was ready, while these requests were open; `None` for one that never was, after
    /// which no other is started. While a run was under way, the run is as likely to have ended it as a question.
    /// Gives the milliseconds until another is to be started.
    pub fn died(&mut self, lived_ms: Option<f64>, open: Vec<Request>, has_run: bool) -> Option<u32> {
        let lived_ms = lived_ms?;
        if lived_ms >= SETTLED_MS {
            *self = Self::default();
        }
        let questions: Vec<Request> = open.into_iter().filter(is_question).collect();
        // One alone has ended it; of several, whichever is open again when the next one dies.
        let weight = if questions.len() == 1 { MOST_DEATHS } else { 1 };
        let before = std::mem::take(&mut self.open_at_deaths);
        let deaths_of =
            |request: &Request| before.iter().find(|(known, _)| known == request).map_or(0, |known| known.1);
        self.open_at_deaths = match has_run {
            true => before,
            false => {
                let counted = questions.into_iter().map(|request| {
                    let deaths = deaths_of(&request) + weight;
                    (request, deaths)
                });
                counted.collect()
            }
        };
        let delay = DELAYS_MS.get(self.deaths).copied();
        self.deaths += 1;
        delay
    }

    /// Whether this was asked when workers died, so that it is not asked again by itself.
    #[must_use]
    pub fn refuses(&self, request: &Request) -> bool {
        self.open_at_deaths.iter().any(|(known, deaths)| known == request && *deaths >= MOST_DEATHS)
    }

    /// The user wants everything tried once more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Whether a run may be what a worker dies of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunUnderWay {
    /// There is none.
    #[default]
    None,
    /// It trains.
    Going,
    /// It has failed, which may be the first sign of the worker's end.
    Failed,
}

impl RunUnderWay {
    /// After this message of the worker's.
    #[must_use]
    pub fn after(self, message: &Message) -> Self {
        match message {
            Message::Reply { result: Ok(Reply::Started { .. }), .. } => Self::Going,
            Message::Event(Event::RunFailed { .. }) => Self::Failed,
            Message::Event(Event::Train { event: TrainEvent::Done(_), .. }) => Self::None,
            // The worker lives on.
            Message::Reply { .. } if self == Self::Failed => Self::None,
            _ => self,
        }
    }

    /// Whether there is one.
    #[must_use]
    pub fn may_end_worker(self) -> bool {
        self != Self::None
    }
}

/// Whether the page asks this by itself, and again after every start. What the user does is the user's to repeat.
fn is_question(request: &Request) -> bool {
    match request {
        Request::FindDevices
        | Request::Library
        | Request::Dataset { .. }
        | Request::Traces { .. }
        | Request::Window { .. }
        | Request::Sample { .. }
        | Request::CheckRun { .. }
        | Request::Run { .. }
        | Request::Answer { .. } => true,
        Request::Import { .. }
        | Request::MakeDemo
        | Request::DeleteDataset { .. }
        | Request::Prepare { .. }
        | Request::Cancel
        | Request::Start { .. }
        | Request::Resume { .. }
        | Request::Control(_)
        | Request::RenameRun { .. }
        | Request::DeleteRun { .. }
        | Request::ExportRun { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use signal_studio_core::training::Summary;

    use super::*;
    use crate::protocol::{Devices, Fault, FaultKind};

    const SOON: Option<f64> = Some(100.0);

    fn start() -> Request {
        Request::Start { config: String::new(), device: None }
    }

    #[test]
    fn workers_that_die_at_once_follow_each_other_ever_later_and_end() {
        let mut restarts = Restarts::default();
        let delays: Vec<_> = (0..6).map(|_| restarts.died(SOON, Vec::new(), false)).collect();
        assert_eq!(delays, [Some(0), Some(1000), Some(4000), Some(15_000), None, None]);
        restarts.forget();
        assert_eq!(restarts.died(SOON, Vec::new(), false), Some(0));
    }

    #[test]
    fn one_that_lived_long_is_replaced_at_once_and_one_that_was_never_ready_is_not() {
        let mut restarts = Restarts::default();
        for _ in 0..10 {
            assert_eq!(restarts.died(Some(SETTLED_MS), Vec::new(), false), Some(0));
        }
        assert_eq!(restarts.died(None, Vec::new(), false), None);
    }

    #[test]
    fn a_question_that_ended_a_worker_is_not_repeated() {
        let mut restarts = Restarts::default();
        let culprit = Request::Run { name: "7".to_owned() };
        restarts.died(SOON, vec![culprit.clone(), start()], false);
        assert!(restarts.refuses(&culprit) && !restarts.refuses(&Request::Library));
        restarts.forget();
        assert!(!restarts.refuses(&culprit));
    }

    #[test]
    fn of_several_questions_those_open_twice_are_not_repeated() {
        let mut restarts = Restarts::default();
        restarts.died(SOON, vec![Request::FindDevices, Request::Library], false);
        assert!(!restarts.refuses(&Request::FindDevices) && !restarts.refuses(&Request::Library));
        restarts.died(SOON, vec![Request::FindDevices, Request::Run { name: "7".to_owned() }], false);
        assert!(restarts.refuses(&Request::FindDevices) && !restarts.refuses(&Request::Library));
    }

    #[test]
    fn what_the_user_does_and_what_a_run_may_have_done_is_blamed_on_nothing() {
        let mut restarts = Restarts::default();
        restarts.died(SOON, vec![start()], false);
        restarts.died(SOON, vec![Request::Library], true);
        assert!(!restarts.refuses(&start()) && !restarts.refuses(&Request::Library));
    }

    #[test]
    fn a_run_that_failed_is_blamed_until_the_worker_answers_again() {
        let started = Message::Reply {
            id: 1,
            result: Ok(Reply::Started {
                run: "7".to_owned(),
                devices: Devices { chosen: "cpu".to_owned(), why: String::new(), found: Vec::new() },
            }),
        };
        let fault = Fault { kind: FaultKind::Failed, message: String::new() };
        let failed = Message::Event(Event::RunFailed { run: "7".to_owned(), fault });
        let answer = Message::Reply { id: 2, result: Ok(Reply::Done) };
        let going = RunUnderWay::default().after(&started);
        assert!(going.may_end_worker() && going.after(&answer).may_end_worker());
        assert!(going.after(&failed).may_end_worker());
        assert!(!going.after(&failed).after(&answer).may_end_worker());
        let elapsed_s = 1.0;
        let done = Event::Train { run: "7".to_owned(), elapsed_s, event: TrainEvent::Done(Summary::default()) };
        assert!(!going.after(&Message::Event(done)).may_end_worker());
    }
}
