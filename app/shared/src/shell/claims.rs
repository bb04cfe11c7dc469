//! Who uses what. Work that excludes other work claims its place and the things that it needs before it begins, and has
//! them until it lets them go: what cannot go together is refused at once, with who is in the way.

use std::{
    cell::{Cell, RefCell},
    ops::ControlFlow,
    rc::Rc,
};

/// What can be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// The place of the one piece of work on files: an import, a preparation of samples, the removal of a dataset.
    FileWork,
    /// The place of the one run.
    Training,
    /// A dataset, by its folder.
    Dataset(String),
    /// A run's files, by its name.
    Run(String),
}

/// How something is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read: others may read it, too.
    Shared,
    /// Changed, or removed.
    Exclusive,
}

/// Why something cannot be had: who has it, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Conflict(String);

/// Work was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("It was cancelled.")]
pub struct Cancelled;

/// All that is claimed. Copies are the same.
#[derive(Clone, Default)]
pub struct Claims {
    held: Rc<RefCell<Vec<Held>>>,
}

struct Held {
    thing: Thing,
    access: Access,
    holder: Rc<Holder>,
}

/// Whoever has a claim.
struct Holder {
    /// That it is under way, and what to do about it.
    what: RefCell<String>,
    is_cancelled: Cell<bool>,
}

impl Claims {
    /// Claims things, all of them or none. `what` tells others who is in their way, and what to do: "an import is under
    /// way: wait until it is done, or cancel it".
    ///
    /// # Errors
    /// [`Conflict`] with what another claim says.
    pub fn claim(
        &self,
        what: impl Into<String>,
        things: impl IntoIterator<Item = (Thing, Access)>,
    ) -> Result<Claim, Conflict> {
        let holder = Rc::new(Holder { what: RefCell::new(what.into()), is_cancelled: Cell::new(false) });
        // Dropped before its end, it lets go of what it had got.
        let claim = Claim { claims: self.clone(), holder };
        for (thing, access) in things {
            claim.add(thing, access)?;
        }
        Ok(claim)
    }

    /// Cancels the work that changes this thing; says whether there is any.
    pub fn cancel(&self, thing: &Thing) -> bool {
        let held = self.held.borrow();
        let holders = held.iter().filter(|held| held.thing == *thing && held.access == Access::Exclusive);
        holders.map(|held| held.holder.is_cancelled.set(true)).count() > 0
    }
}

/// Things that somebody has; dropped, they are free for others.
pub struct Claim {
    claims: Claims,
    holder: Rc<Holder>,
}

impl Claim {
    /// Claims one thing more, or the same in another way.
    ///
    /// # Errors
    /// [`Conflict`] with what another claim says.
    pub fn add(&self, thing: Thing, access: Access) -> Result<(), Conflict> {
        let mut held = self.claims.held.borrow_mut();
        let excludes = |other: &&Held| {
            other.thing == thing
                && !Rc::ptr_eq(&other.holder, &self.holder)
                && (access == Access::Exclusive || other.access == Access::Exclusive)
        };
        if let Some(other) = held.iter().find(excludes) {
            return Err(Conflict(other.holder.what.borrow().clone()));
        }
        held.retain(|held| held.thing != thing || !Rc::ptr_eq(&held.holder, &self.holder));
        held.push(Held { thing, access, holder: self.holder.clone() });
        Ok(())
    }

    /// Lets go of one thing.
    pub fn release(&self, thing: &Thing) {
        let mut held = self.claims.held.borrow_mut();
        held.retain(|held| held.thing != *thing || !Rc::ptr_eq(&held.holder, &self.holder));
    }

    /// Says anew who has this claim, and what to do about it.
    pub fn describe(&self, what: impl Into<String>) {
        self.holder.what.replace(what.into());
    }

    /// Whether to go on, as core asks it.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.holder.is_cancelled.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn go_on(&self) -> Result<(), Cancelled> {
        if self.holder.is_cancelled.get() { Err(Cancelled) } else { Ok(()) }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.held.borrow_mut().retain(|held| !Rc::ptr_eq(&held.holder, &self.holder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPORT: &str = "an import is under way: wait until it is done, or cancel it";

    fn dataset(name: &str) -> Thing {
        Thing::Dataset(name.to_owned())
    }

    /// What is said to whoever wants this now.
    fn refusal(claims: &Claims, thing: Thing, access: Access) -> Option<String> {
        claims.claim("a test", [(thing, access)]).err().map(|conflict| conflict.to_string())
    }

    #[test]
    fn a_run_does_not_begin_while_files_come_in() {
        let claims = Claims::default();
        let import = claims.claim(IMPORT, [(Thing::FileWork, Access::Exclusive)]).unwrap();
        let wanted = [(Thing::Training, Access::Exclusive), (Thing::FileWork, Access::Exclusive)];
        let refused = claims.claim("a run", wanted.clone()).err().unwrap();
        assert_eq!(refused.to_string(), IMPORT);
        // What it had got before it was refused is free again.
        assert_eq!(refusal(&claims, Thing::Training, Access::Exclusive), None);
        drop(import);
        claims.claim("a run", wanted).unwrap();
    }

    #[test]
    fn what_a_run_needs_is_not_removed_from_its_preparation_to_its_end() {
        let claims = Claims::default();
        let run = claims.claim("a run is being made ready", [(Thing::FileWork, Access::Exclusive)]).unwrap();
        run.add(dataset("demo"), Access::Shared).unwrap();
        run.release(&Thing::FileWork);
        run.describe("the run 7 is under way: stop it first");
        let told = "the run 7 is under way: stop it first";
        assert_eq!(refusal(&claims, dataset("demo"), Access::Exclusive).as_deref(), Some(told));
        assert_eq!(refusal(&claims, dataset("demo"), Access::Shared), None);
        assert_eq!(refusal(&claims, dataset("math"), Access::Exclusive), None);
        assert_eq!(refusal(&claims, Thing::FileWork, Access::Exclusive), None);
        drop(run);
        assert_eq!(refusal(&claims, dataset("demo"), Access::Exclusive), None);
    }

    #[test]
    fn readers_share_and_whoever_removes_is_alone() {
        let claims = Claims::default();
        let run = || Thing::Run("7".to_owned());
        let packing = claims.claim("it is being packed", [(run(), Access::Shared)]).unwrap();
        let also = claims.claim("it is being looked at", [(run(), Access::Shared)]).unwrap();
        assert!(refusal(&claims, run(), Access::Exclusive).is_some());
        assert!(packing.add(run(), Access::Exclusive).is_err());
        drop(also);
        packing.add(run(), Access::Exclusive).unwrap();
        assert!(refusal(&claims, run(), Access::Shared).is_some());
        packing.add(run(), Access::Shared).unwrap();
        assert_eq!(refusal(&claims, run(), Access::Shared), None);
    }

    #[test]
    fn who_has_a_place_is_cancelled_and_nobody_else() {
        let claims = Claims::default();
        assert!(!claims.cancel(&Thing::FileWork));
        let run = claims.claim("a run", [(dataset("demo"), Access::Shared)]).unwrap();
        let import = claims.claim(IMPORT, [(Thing::FileWork, Access::Exclusive)]).unwrap();
        assert!(claims.cancel(&Thing::FileWork));
        assert_eq!((import.go_on(), run.go_on()), (Err(Cancelled), Ok(())));
        assert!(import.flow().is_break() && run.flow().is_continue());
        assert!(!claims.cancel(&dataset("demo")));
    }
}
