//! One line a layer: what a backbone tells of its layers, joined with the names and sizes that its parameters have.

use burn::nn::conv::Conv2d;

use super::layers::{Activation, BatchNorm, Layer1d, Layer2d};

/// One line of a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSummary {
    /// Name, as in checkpoints.
    pub name: String,
    /// What it is, in the field's words.
    pub kind: String,
    /// Shape of one sample's output.
    pub output: Vec<usize>,
    /// Learnt values.
    pub parameters: usize,
    /// Multiply-adds for one sample; normalisation, activation and pooling count none.
    pub multiply_adds: u64,
}

/// The lines of a model, filled layer by layer in the order of its parameters.
#[derive(Debug)]
pub struct LayerLines {
    parameters: std::vec::IntoIter<(String, usize)>,
    /// Those of the layers that have been told.
    pub lines: Vec<LayerSummary>,
    /// Attention scores of one sample, over all layers and heads.
    pub attention_scores: u64,
}

impl LayerLines {
    /// No lines yet, for layers of these names and numbers of learnt values.
    pub fn new(parameters: Vec<(String, usize)>) -> Self {
        Self { parameters: parameters.into_iter(), lines: Vec::new(), attention_scores: 0 }
    }

    /// The next layer with parameters.
    pub fn push(&mut self, kind: impl Into<String>, output: Vec<usize>, multiply_adds: u64) {
        if let Some((name, parameters)) = self.parameters.next() {
            self.lines.push(LayerSummary { name, kind: kind.into(), output, parameters, multiply_adds });
        }
    }

    /// A linear layer for each of so many rows of values.
    pub fn linear(&mut self, rows: usize, [inputs, outputs]: [usize; 2]) {
        let output = if rows == 1 { vec![outputs] } else { vec![rows, outputs] };
        self.push("linear", output, product(&[rows, inputs, outputs]));
    }

    /// A layer over an image of this shape, `[channels, height, width]`, which becomes that of its output.
    pub fn image_layer(&mut self, layer: &Layer2d, shape: &mut [usize; 3]) {
        match layer {
            Layer2d::Conv(conv) => {
                let [outputs, inputs, kernel_height, kernel_width] = conv.weight.dims();
                shape[0] = outputs;
                let work = product(&[inputs, kernel_height, kernel_width]) * product(shape);
                self.push(format!("convolution {kernel_height} × {kernel_width}"), shape.to_vec(), work);
            }
            Layer2d::Norm(_) => self.push("group normalisation", shape.to_vec(), 0),
            Layer2d::Activation(Activation::Prelu(_)) => self.push("PReLU", shape.to_vec(), 0),
            Layer2d::Pool(_) => {
                shape[1] /= 2;
                shape[2] /= 2;
            }
            Layer2d::Activation(_) | Layer2d::Dropout(_) => {}
        }
    }

    /// Filters along time and over the channels, which are joined, over a signal of this shape, `[channels, samples]`, which
    /// becomes that of their output.
    pub fn filters_in_time_and_space(&mut self, [time, space]: [&Conv2d; 2], shape: &mut [usize; 2]) {
        let [channels, samples] = *shape;
        let [filters_time, _, rows, columns] = time.weight.dims();
        let [filters, ..] = space.weight.dims();
        let taps = rows * columns;
        *shape = [filters, (samples + 1).saturating_sub(taps)];
        // The kernels that the two are joined to, and nothing of a sample's.
        let joining = product(&[filters, channels, filters_time, taps]);
        self.push(format!("filters in time {taps}"), vec![filters, channels, taps], joining);
        self.push(format!("filters in space {channels}"), shape.to_vec(), product(&[channels, taps]) * product(shape));
    }

    /// Batch normalisation, where there is one, of signals of this shape, `[channels, length]`.
    pub fn batch_norm(&mut self, norm: Option<&BatchNorm>, shape: &[usize; 2]) {
        if norm.is_some() {
            self.push("batch normalisation", shape.to_vec(), 0);
        }
    }

    /// A layer over a signal of this shape, `[channels, length]`, which becomes that of its output.
    pub fn signal_layer(&mut self, layer: &Layer1d, shape: &mut [usize; 2]) {
        match layer {
            Layer1d::Conv(conv) => {
                let [outputs, inputs, kernel] = conv.weight.dims();
                shape[0] = outputs;
                let work = product(&[inputs, kernel]) * product(shape);
                self.push(format!("convolution {kernel}"), shape.to_vec(), work);
            }
            Layer1d::Norm(_) => self.push("batch normalisation", shape.to_vec(), 0),
            Layer1d::Activation(Activation::Prelu(_)) => self.push("PReLU", shape.to_vec(), 0),
            Layer1d::Pool(_) => shape[1] /= 2,
            Layer1d::Activation(_) | Layer1d::Dropout(_) => {}
        }
    }
}

/// A count that may be larger than an address on a 32-bit machine.
pub fn product(sizes: &[usize]) -> u64 {
    sizes.iter().map(|&size| size as u64).product()
}

/// About how many weights blocks of convolutions have whose channels grow along `widths`: the first convolution of a
/// block changes the width, the others keep it. `taps` is the number of weights from a channel to another.
pub fn block_weights(widths: &[usize], taps: usize, layer_repeats: usize) -> f64 {
    let pairs = widths.windows(2).map(|pair| (pair[0] as f64, pair[1] as f64));
    let of_block = |(inputs, outputs)| outputs * (inputs + (layer_repeats as f64 - 1.0) * outputs);
    taps as f64 * pairs.map(of_block).sum::<f64>()
}
