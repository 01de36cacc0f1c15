//! A workload's network in ONNX, for the engines that read it.

use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
    attribute_proto::AttributeType,
    tensor_proto::DataType,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};

use crate::workload::{EPS, Layer, Tensor, Workload};

/// The version of the format, and that of its operators: of 2022, which every engine reads.
const VERSIONS: (i64, i64) = (8, 17);

/// From a value `x` to a value `y`, for as many samples as the workload has.
pub fn model(workload: &Workload) -> ModelProto {
    let network = workload.network;
    let mut graph = Graph { nodes: Vec::new(), tensors: Vec::new(), filled: &mut network.tensors() };
    let result = graph.chain(network.layers, "x".to_owned());
    let port = |name: String, shape: &[usize]| port(name, &[&[workload.samples], shape].concat());
    let (format, operators) = VERSIONS;
    ModelProto {
        ir_version: format,
        opset_import: vec![OperatorSetIdProto { version: operators, ..OperatorSetIdProto::default() }],
        graph: Some(GraphProto {
            name: "network".to_owned(),
            node: graph.nodes,
            initializer: graph.tensors,
            input: vec![port("x".to_owned(), network.input)],
            output: vec![port(result, &network.output())],
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

/// Nodes and the tensors that they use.
struct Graph<'a> {
    nodes: Vec<NodeProto>,
    tensors: Vec<TensorProto>,
    /// Those of the network that no node has used yet.
    filled: &'a mut dyn Iterator<Item = Tensor>,
}

impl Graph<'_> {
    /// The name of what a chain of layers gives for the value `x`.
    fn chain(&mut self, layers: &[Layer], x: String) -> String {
        layers.iter().fold(x, |x, layer| self.layer(layer, x))
    }

    fn layer(&mut self, layer: &Layer, x: String) -> String {
        let tensors: Vec<_> = self.filled.take(layer.tensors()).collect();
        let mut inputs = vec![x.clone()];
        inputs.extend(tensors.iter().map(|tensor| self.values(tensor)));
        match *layer {
            Layer::Dense(_) => self.node("Gemm", inputs, vec![int("transB", 1)]),
            Layer::Conv2d { size, stride, padding, .. } => self.node("Conv", inputs, window(size, stride, padding)),
            Layer::ConvTranspose2d { size, .. } => self.node("ConvTranspose", inputs, window(size, size, 0)),
            Layer::BatchNorm => self.node("BatchNormalization", inputs, vec![float("epsilon", EPS as f32)]),
            Layer::MaxPool { size, stride, padding } => self.node("MaxPool", inputs, window(size, stride, padding)),
            Layer::AvgPool { size, stride } => self.node("AveragePool", inputs, window(size, stride, 0)),
            Layer::GlobalAvgPool => self.node("GlobalAveragePool", inputs, vec![]),
            Layer::Subsample(zeros) => self.subsample(x, zeros as i64),
            Layer::Flatten => self.node("Flatten", inputs, vec![]),
            Layer::Relu => self.node("Relu", inputs, vec![]),
            Layer::Tanh => self.node("Tanh", inputs, vec![]),
            Layer::Add(branches) => self.join("Add", vec![], branches, &x),
            Layer::Concat(branches) => self.join("Concat", vec![int("axis", 1)], branches, &x),
        }
    }

    fn subsample(&mut self, x: String, zeros: i64) -> String {
        let slices = [[0, 0], [i64::from(i32::MAX); 2], [2, 3], [2, 2]].map(|numbers| self.integers(&numbers));
        let half = self.node("Slice", [x].into_iter().chain(slices).collect(), vec![]);
        let edges = self.integers(&[0, zeros, 0, 0, 0, zeros, 0, 0]);
        self.node("Pad", vec![half, edges], vec![])
    }

    fn join(&mut self, kind: &str, attributes: Vec<AttributeProto>, branches: &[&[Layer]], x: &str) -> String {
        let parts = branches.iter().map(|layers| self.chain(layers, x.to_owned())).collect();
        self.node(kind, parts, attributes)
    }

    /// Adds a node, and gives the name of its value.
    fn node(&mut self, kind: &str, input: Vec<String>, attribute: Vec<AttributeProto>) -> String {
        let name = format!("value{}", self.nodes.len());
        let (output, op_type) = (vec![name.clone()], kind.to_owned());
        self.nodes.push(NodeProto { input, output, op_type, attribute, name: name.clone(), ..NodeProto::default() });
        name
    }

    fn values(&mut self, tensor: &Tensor) -> String {
        let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(&tensor.shape, DataType::Float, bytes)
    }

    fn integers(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(&[values.len()], DataType::Int64, bytes)
    }

    /// Adds a tensor, and gives its name.
    fn tensor(&mut self, shape: &[usize], kind: DataType, raw_data: Vec<u8>) -> String {
        let name = format!("tensor{}", self.tensors.len());
        let dims = shape.iter().map(|&len| len as i64).collect();
        let data_type = kind as i32;
        self.tensors.push(TensorProto { dims, data_type, raw_data, name: name.clone(), ..TensorProto::default() });
        name
    }
}

/// Of a window that moves along both axes of an image.
fn window(size: usize, stride: usize, padding: usize) -> Vec<AttributeProto> {
    let [size, stride, padding] = [size, stride, padding].map(|number| number as i64);
    vec![ints("kernel_shape", vec![size; 2]), ints("strides", vec![stride; 2]), ints("pads", vec![padding; 4])]
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

fn ints(name: &str, ints: Vec<i64>) -> AttributeProto {
    AttributeProto { ints, ..attribute(name, AttributeType::Ints) }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f, ..attribute(name, AttributeType::Float) }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..AttributeProto::default() }
}

/// An input or an output.
fn port(name: String, shape: &[usize]) -> ValueInfoProto {
    let dimension =
        |&len: &usize| Dimension { value: Some(dimension::Value::DimValue(len as i64)), ..Dimension::default() };
    let shape = Some(TensorShapeProto { dim: shape.iter().map(dimension).collect() });
    let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape };
    let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name, r#type: Some(kind), ..ValueInfoProto::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Network, RESNET20, Task, UNET};

    fn graph(network: &'static Network) -> GraphProto {
        model(&Workload { network, samples: 3, task: Task::Forward }).graph.expect("a graph")
    }

    /// A pad and a slice for each of two shortcuts; 19 convolutions and batch normalisations, 9 sums.
    #[test]
    fn every_layer_is_a_node() {
        let count = |kind: &str| graph(&RESNET20).node.iter().filter(|node| node.op_type == kind).count();
        let kinds = ["Conv", "BatchNormalization", "Add", "Slice", "Pad", "Gemm", "Relu"];
        assert_eq!(kinds.map(count), [19, 19, 9, 2, 2, 1, 19]);
    }

    #[test]
    fn every_value_is_known_before_it_is_used() {
        let graph = graph(&UNET);
        let tensors = graph.initializer.iter().map(|tensor| tensor.name.clone());
        let mut known: Vec<_> = tensors.chain(["x".to_owned()]).collect();
        for node in &graph.node {
            assert!(node.input.iter().all(|name| known.contains(name)), "{node:?}");
            known.extend(node.output.iter().cloned());
        }
        assert_eq!(graph.output[0].name, graph.node.last().expect("a node").output[0]);
    }
}
