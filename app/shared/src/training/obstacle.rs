//! Why no run can be begun now, whatever its run file says.

/// What the page is doing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work<'a> {
    /// Whether a run is under way.
    pub has_run: bool,
    /// What is being added, by its title.
    pub adding: Option<&'a str>,
    /// The dataset whose samples are being made, other than for a run.
    pub preparing: Option<&'a str>,
    /// Whether the worker has died, and no other takes its place.
    pub is_dead: bool,
}

impl Work<'_> {
    /// What is in the way of a run, new or one that is to go on, and what to do about it.
    #[must_use]
    pub fn obstacle(self) -> Option<String> {
        if self.has_run {
            return Some("A run is under way.".to_owned());
        }
        if let Some(title) = self.adding {
            return Some(format!("“{title}” is being added: train when that is done, or cancel it under Data."));
        }
        if let Some(dataset) = self.preparing {
            return Some(format!("The samples of {dataset} are being made; under Data that can be cancelled."));
        }
        self.is_dead.then(|| "The training engine could not be started; the device list above says why.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_at_work_is_in_the_way_of_a_run() {
        assert_eq!(Work::default().obstacle(), None);
        let obstacles = [
            (Work { has_run: true, ..Work::default() }, "A run is under way."),
            (Work { adding: Some("ds004584"), ..Work::default() }, "“ds004584” is being added"),
            (Work { preparing: Some("math"), ..Work::default() }, "The samples of math are being made"),
            (Work { is_dead: true, ..Work::default() }, "could not be started"),
        ];
        for (work, told) in obstacles {
            let obstacle = work.obstacle().expect("something is in the way");
            assert!(obstacle.contains(told), "{obstacle}");
        }
    }
}
