//! The names that parameters have outside: PyTorch's for layers, and for the whole those of the system or the package
//! that a backbone was published with.

use crate::labels::TaskSpec;

/// The words that the names of a model's parameters begin with, whichever its backbone is.
pub const FIRST_WORDS: [&str; 20] = [
    "backbone",
    "heads",
    "final_layer",
    "conv_time_spat",
    "bnorm",
    "conv_2",
    "bnorm_2",
    "conv_3",
    "bnorm_3",
    "conv_4",
    "bnorm_4",
    "conv_temporal",
    "bnorm_temporal",
    "conv_spatial",
    "bnorm_1",
    "conv_separable_depth",
    "conv_separable_point",
    "patch_embedding",
    "transformer",
    "fc",
];

/// How the parameters of a model are called.
#[derive(Debug, Clone)]
pub(super) struct Naming {
    tasks: Vec<String>,
    /// Whether the backbone's parameters stand for themselves, without the word that tells them from the heads'.
    is_published: bool,
    /// The name of the one head of a model that is as it was published.
    last_layer: Option<&'static str>,
}

impl Naming {
    /// The names in a model for these tasks. `last_layer` is what the last layer of its backbone was published as, if it
    /// was; heads of one layer are such layers, and with a single task the only one.
    pub fn new(tasks: &[TaskSpec], last_layer: Option<&'static str>, has_heads_of_one_layer: bool) -> Self {
        Self {
            tasks: tasks.iter().map(|task| task.name.clone()).collect(),
            is_published: last_layer.is_some(),
            last_layer: last_layer.filter(|_| tasks.len() == 1 && has_heads_of_one_layer),
        }
    }

    /// What the names of a task's head begin with.
    pub fn head_prefix(&self, task: &str) -> String {
        self.last_layer.map_or_else(|| format!("heads.{task}."), |name| format!("{name}."))
    }

    /// The name of the one head of a model that is as it was published.
    pub fn last_layer(&self) -> Option<&'static str> {
        self.last_layer
    }
}

/// Where a visitor or mapper is in a module, and what that is called.
pub(super) struct ParameterPath<'a> {
    naming: &'a Naming,
    fields: Vec<String>,
    containers: Vec<String>,
}

impl<'a> ParameterPath<'a> {
    pub fn new(naming: &'a Naming) -> Self {
        Self { naming, fields: Vec::new(), containers: Vec::new() }
    }

    pub fn enter(&mut self, field: &str, container: &str) {
        self.fields.push(field.to_owned());
        self.containers.push(container.to_owned());
    }

    pub fn exit(&mut self) {
        self.fields.pop();
        self.containers.pop();
    }

    /// The type of the layer that the parameter belongs to.
    pub fn layer(&self) -> &str {
        self.containers.last().and_then(|last| last.strip_prefix("Struct:")).unwrap_or_default()
    }

    /// Linear weights are transposed between the two.
    pub fn is_transposed(&self) -> bool {
        self.layer() == "Linear" && self.fields.last().is_some_and(|field| field == "weight")
    }

    /// PyTorch's name.
    pub fn name(&self) -> String {
        let parts = self.containers.iter().zip(&self.fields);
        let mut segments: Vec<&str> = parts.filter_map(|(container, field)| segment(container, field)).collect();
        match segments.as_mut_slice() {
            ["backbone", ..] if self.naming.is_published => {
                segments.remove(0);
            }
            ["heads", index, ..] => match self.naming.last_layer {
                Some(name) => {
                    // In the place of the word, the task, and the layer within the head.
                    segments.splice(..3, [name]);
                }
                None => {
                    if let Some(task) = index.parse().ok().and_then(|index: usize| self.naming.tasks.get(index)) {
                        *index = task;
                    }
                }
            },
            _ => {}
        }
        segments.join(".")
    }
}

/// The part of a name that a field gives, in a container of this type; none for a variant of an enum, which is no part of
/// a name.
fn segment<'a>(container: &str, field: &'a str) -> Option<&'a str> {
    Some(match (container, field) {
        // Heads are an `nn.Sequential`, in which activations count.
        ("Enum:Head", "Linear" | "Convolution") | ("Struct:MlpHead", "hidden") => "net.0",
        ("Struct:MlpHead", "output") => "net.2",
        (container, _) if container.starts_with("Enum:") => return None,
        (_, "gamma" | "alpha") => "weight",
        (_, "beta") => "bias",
        // The parametrization of PyTorch's `torch.nn.utils.parametrize`.
        ("Struct:MaxNormFilters", "weight") => "parametrizations.weight.original",
        ("Struct:PatchEmbedding", "conv_time") => "shallownet.0",
        ("Struct:PatchEmbedding", "conv_spat") => "shallownet.1",
        ("Struct:PatchEmbedding", "norm") => "shallownet.2",
        ("Struct:PatchEmbedding", "projection") => "projection.0",
        ("Struct:ConformerLayer", "attention_norm") => "0.fn.0",
        ("Struct:ConformerLayer", "attention") => "0.fn.1",
        ("Struct:ConformerLayer", "feed_forward_norm") => "1.fn.0",
        ("Struct:ConformerLayer", "widening") => "1.fn.1.0",
        ("Struct:ConformerLayer", "narrowing") => "1.fn.1.3",
        ("Struct:FullyConnected", "first") => "fc.0",
        ("Struct:FullyConnected", "second") => "fc.3",
        _ => field,
    })
}
