//! What every self-attention does between its projections.

use burn::tensor::{Tensor, activation};

use super::layers::{Dropout, Mode};

/// Scaled dot-product attention (Vaswani et al. 2017) of several heads, each of which has an equal share of the width:
/// queries, keys and values `[batch, sequence, width]` to the same. Shares of attention are dropped in training.
pub(super) fn attend(
    [queries, keys, values]: [Tensor<3>; 3],
    heads: usize,
    dropout: &Dropout,
    mode: &mut Mode<'_>,
) -> Tensor<3> {
    let [batch, sequence, width] = queries.dims();
    let of_head = width / heads;
    // [batch, heads, sequence, width of a head]
    let by_head = |tensor: Tensor<3>| tensor.reshape([batch, sequence, heads, of_head]).swap_dims(1, 2);
    let scores = by_head(queries).matmul(by_head(keys).transpose()).div_scalar((of_head as f64).sqrt());
    let weights = dropout.forward(activation::softmax(scores, 3), mode); // [batch, heads, sequence, sequence]
    weights.matmul(by_head(values)).swap_dims(1, 2).reshape([batch, sequence, width])
}
