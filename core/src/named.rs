//! Enumerations that are written as words in files and arguments: one list gives the type, its words, parsing and
//! printing.

/// A word that is not one of those an enumeration knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}, not `{given}`", .known.join(", "))]
pub struct UnknownName {
    /// The words that would do.
    pub known: &'static [&'static str],
    /// What was written instead.
    pub given: String,
}

/// An enumeration that is declared by [`named_enum!`].
pub(crate) trait Named: std::str::FromStr {
    /// The word that a file uses.
    fn word(&self) -> &'static str;
}

/// Declares an enumeration whose variants are written as the words given; words after `|` are accepted as well.
macro_rules! named_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word $(, alias = $alias)*)] $variant),+
        }

        impl $name {
            /// Every word accepted, in the order in which they are documented.
            pub const NAMES: &'static [&'static str] = &[$($word $(, $alias)*),+];

            /// Every value, in the same order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that a file uses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl $crate::named::Named for $name {
            fn word(&self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::named::UnknownName;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err($crate::named::UnknownName { known: Self::NAMES, given: word.to_owned() }),
                }
            }
        }
    };
}

pub(crate) use named_enum;
