//! The memory that a model's parameters take. A model that is admitted by it can be trained, written and gone on with:
//!
//! | while the model is | in memory for each parameter | beside that, of the largest tensor |
//! |---|---|---|
//! | updated | itself, its gradient, the optimizer's two moments | what the update computes |
//! | written | itself and the two moments | a copy in PyTorch's layout, and the values read from the device |
//! | read, to go on | the new model's value, and the three that were written | the values on their way to the device |
//!
//! What else is kept is there beside the gradients, beside an averaged model that is evaluated, or in what is read: the mean
//! while weights are averaged, their moving average, which is also read to be evaluated, and the gradients of the batches
//! before where an update has several.

use crate::config::TrainingConfig;

/// Values for each parameter.
const KEPT: u64 = 4;
/// Copies of the largest tensor that come and go. On the CPU, two were seen in training and in going on with AdamW, whose
/// decay is not the gradient's; the rest is reserve.
const PASSING: u64 = 4;

/// Bytes that a program whose addresses have 32 bits, such as a browser's, has for a model and its batches: three
/// quarters and a sixteenth of all, 3.25 GiB. The rest is for the program itself, for samples that it keeps, and for
/// gaps between what is in memory.
pub const ROOM_OF_32_BITS: u64 = (3 << 30) + (1 << 28);

/// Values for each parameter that a run keeps beside those of every run.
pub fn kept_beside(training: &TrainingConfig) -> u64 {
    let of_averages = if training.ema.is_some() { 2 } else { u64::from(training.swa.is_some()) };
    of_averages + u64::from(training.gradient_accumulation_steps > 1)
}

/// Bytes for so many parameters, with [so many](kept_beside) more values for each, of which the largest tensor has `largest`, beside what a batch takes.
pub fn parameter_bytes(parameters: u64, largest: u64, beside: u64) -> u64 {
    let kept = KEPT + beside;
    let values = kept.saturating_mul(parameters).saturating_add(PASSING.saturating_mul(largest));
    values.saturating_mul(size_of::<f32>() as u64)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        ops::Range,
    };

    use async_trait::async_trait;
    use pollster::block_on;

    use super::*;
    use crate::{
        model::{
            checkpoint::{self, Metadata, Source},
            parameters::Values,
        },
        storage::{FileEntry, FileWriter, Storage, StorageError},
    };

    /// The most parameters that have room when they lie in tensors of one size, so many of them.
    fn most_parameters(tensors: u64, beside: u64) -> u64 {
        let fits = |largest: &u64| parameter_bytes(largest * tensors, *largest, beside) <= ROOM_OF_32_BITS;
        let mut bounds = (0, ROOM_OF_32_BITS);
        while bounds.1 - bounds.0 > 1 {
            let middle = u64::midpoint(bounds.0, bounds.1);
            bounds = if fits(&middle) { (middle, bounds.1) } else { (bounds.0, middle) };
        }
        bounds.0 * tensors
    }

    #[test]
    fn what_is_admitted_has_room_with_all_that_is_kept_of_it() {
        for (tensors, beside) in [(1, 0), (1, 1), (3, 0), (3, 3), (100, 0), (100, 1)] {
            let parameters = most_parameters(tensors, beside);
            assert!(parameter_bytes(parameters, parameters / tensors, beside) <= ROOM_OF_32_BITS);
            let more = parameters + tensors;
            assert!(parameter_bytes(more, more / tensors, beside) > ROOM_OF_32_BITS);
            // A file's offsets are numbers of 32 bits there: parameters, two moments and the mean, with a header.
            let file = 4 * (3 + beside) * parameters + (100 << 20);
            assert!(u32::try_from(file).is_ok(), "{parameters}");
        }
        assert!(most_parameters(1000, 0) > 200_000_000, "wide models of many layers");
    }

    /// Counts what is written and keeps the first piece.
    #[derive(Default)]
    struct Counting {
        first: RefCell<Vec<u8>>,
        written: Cell<u64>,
        largest: Cell<usize>,
        is_finished: Cell<bool>,
    }

    struct Counter<'a>(&'a Counting);

    #[async_trait(?Send)]
    impl FileWriter for Counter<'_> {
        async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
            if self.0.written.get() == 0 {
                self.0.first.replace(bytes.to_vec());
            }
            self.0.written.set(self.0.written.get() + bytes.len() as u64);
            self.0.largest.set(self.0.largest.get().max(bytes.len()));
            Ok(())
        }

        async fn finish(self: Box<Self>) -> Result<(), StorageError> {
            self.0.is_finished.set(true);
            Ok(())
        }
    }

    #[async_trait(?Send)]
    impl Storage for Counting {
        async fn list(&self, _: &str) -> Result<Vec<FileEntry>, StorageError> {
            Ok(Vec::new())
        }

        async fn size(&self, _: &str) -> Result<u64, StorageError> {
            Ok(self.written.get())
        }

        async fn read_range(&self, path: &str, _: Range<u64>) -> Result<Vec<u8>, StorageError> {
            Err(StorageError::NotFound { path: path.to_owned() })
        }

        async fn write(&self, path: &str, _: &[u8]) -> Result<(), StorageError> {
            panic!("{path} is written as a whole")
        }

        async fn begin<'a>(&'a self, _: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
            Ok(Box::new(Counter(self)))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageError> {
            Ok(())
        }
    }

    #[test]
    fn the_state_of_the_largest_model_is_written_in_small_pieces() {
        const LAYERS: u64 = 100;
        let largest = most_parameters(LAYERS, 1) / LAYERS;
        // One layer in the place of all: what is written is not kept, whatever it was read from.
        let layer = Values { shape: vec![largest as usize], data: vec![0.5; largest as usize] };
        let parts = ["exp_avg.", "exp_avg_sq.", "model.", "average."];
        let tensors = parts.iter().flat_map(|part| {
            (0..LAYERS).map(|index| (format!("{part}layer.{index}.weight"), Source::Memory(&layer))).collect::<Vec<_>>()
        });
        let storage = Counting::default();
        block_on(checkpoint::write(&storage, "state", tensors.collect(), &Metadata::new(), 0)).unwrap();
        assert!(storage.is_finished.get());
        let header = storage.first.borrow().len() as u64;
        assert_eq!(storage.written.get(), header + 4 * 4 * LAYERS * largest);
        assert!(u32::try_from(storage.written.get()).is_ok());
        assert!(storage.largest.get() <= 1 << 20, "{}", storage.largest.get());
    }
}
