//! Colours of lines that come and go: each name has a place in the palette, and keeps it as long as it is chosen.

/// What is chosen, each in its place; a place that was left is free for the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots(Vec<Option<String>>);

impl Slots {
    /// Chooses a name, or leaves it if it is chosen.
    pub fn toggle(&mut self, name: &str) {
        match (self.place_of(name), self.0.iter().position(Option::is_none)) {
            (Some(place), _) => self.0[place] = None,
            (None, Some(free)) => self.0[free] = Some(name.to_owned()),
            (None, None) => self.0.push(Some(name.to_owned())),
        }
    }

    /// Leaves all names but those for which `stays` holds.
    pub fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        for slot in &mut self.0 {
            if slot.as_deref().is_some_and(|name| !stays(name)) {
                *slot = None;
            }
        }
    }

    /// The place of a name in the palette.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|slot| slot.as_deref() == Some(name))
    }

    /// The names that are chosen, with their places.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().enumerate().filter_map(|(place, slot)| Some((place, slot.as_deref()?)))
    }

    /// Whether nothing is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(names: &[&str]) -> Slots {
        let mut slots = Slots::default();
        for name in names {
            slots.toggle(name);
        }
        slots
    }

    #[test]
    fn leaving_one_does_not_move_the_others() {
        let mut slots = slots(&["a", "b", "c"]);
        slots.toggle("a");
        assert_eq!(slots.iter().collect::<Vec<_>>(), [(1, "b"), (2, "c")]);
        slots.toggle("d");
        assert_eq!(slots.iter().collect::<Vec<_>>(), [(0, "d"), (1, "b"), (2, "c")]);
        slots.toggle("e");
        assert_eq!(slots.place_of("e"), Some(3));
    }

    #[test]
    fn what_is_gone_makes_room() {
        let mut slots = slots(&["a", "b"]);
        slots.retain(|name| name == "b");
        assert_eq!((slots.place_of("a"), slots.place_of("b")), (None, Some(1)));
        slots.toggle("b");
        assert!(slots.is_empty());
    }
}
