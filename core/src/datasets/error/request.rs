//! Which errors are the user's to mend by another request.

use super::DatasetError;
use crate::labels::LabelFault;

impl DatasetError {
    /// Whether what was asked for does not fit what is there, so that something else is to be asked for or given, rather
    /// than that files are damaged or something failed on the way.
    #[must_use]
    pub fn is_request(&self) -> bool {
        match self {
            Self::Label(error) => matches!(*error.fault, LabelFault::MissingColumn { .. }),
            Self::Options(_)
            | Self::NoMathTrials { .. }
            | Self::NoCommonChannel { .. }
            | Self::NoGoodChannel { .. }
            | Self::ListedSplits(_)
            | Self::Folds(_)
            | Self::Statistics { .. }
            | Self::NoRecordings { .. }
            | Self::MissingTable { .. }
            | Self::NoSubjectMatches { .. }
            | Self::MissingSubject { .. }
            | Self::Unusable { .. }
            | Self::NoSuchWindow { .. }
            | Self::OutputOfOther { .. }
            | Self::OutputNotOwn { .. }
            | Self::OutputOfOtherRecordings { .. }
            | Self::NoIdColumn { .. }
            | Self::SameSplit { .. }
            | Self::TaskOfOther { .. }
            | Self::NoMetadata { .. }
            | Self::NoSuchSplit { .. }
            | Self::EmptySplit { .. }
            | Self::SharedSubjects { .. }
            | Self::NoLabel { .. }
            | Self::ClassWithoutCells { .. }
            | Self::NothingMeans { .. }
            | Self::CodeAmongNumbers { .. }
            | Self::Demo { .. } => true,
            Self::Storage(_)
            | Self::Table(_)
            | Self::Window(_)
            | Self::Image(_)
            | Self::RowsDisagree { .. }
            | Self::DuplicateSubject { .. }
            | Self::NothingUsable { .. }
            | Self::Cancelled
            | Self::OutsideFolder { .. }
            | Self::MissingFile { .. }
            | Self::Undecodable { .. }
            | Self::OtherShape { .. }
            | Self::Recording(_) => false,
        }
    }
}
