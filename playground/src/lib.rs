//! The networks of the [TensorFlow playground](https://playground.tensorflow.org), trained by
//! [Monograd](https://docs.rs/monograd) in a terminal.
//!
//! Points of two colours lie in the plane, and a small network learns which colour a place has. Its map of the plane, its losses
//! and its weights are drawn while it learns; data, features, network and training change at the press of a key. Without a
//! terminal the same trainings give a picture and a line of figures.
//!
//! ```
//! use playground::data_set::DataSet;
//! use playground::session::Session;
//! use playground::settings::Settings;
//!
//! let mut session = Session::new(Settings { data: DataSet::Gauss, ..Settings::default() });
//! for _ in 0..20 {
//!     session.step()?;
//! }
//! let test = session.scores().test;
//! assert!(test.loss < 0.05 && test.accuracy.unwrap() > 0.99);
//! # Ok::<(), monograd::TrainError>(())
//! ```
//!
//! What is computed is apart from what is drawn:
//!
//! ```text
//! data_set  feature           points, and what a network sees of them
//! network   model             the compiled-in networks, behind one trait
//! settings  session  curve    a training: what can be chosen, its state, its losses
//! app                         the state of the program, and what each key does to it
//! view  color  terminal       the screen, and the loop around it
//! options  headless  picture  the command line, and the run without a terminal
//! ```
//!
//! Data sets, features and the values that settings have are those of the original, by Daniel Smilkov and Shan Carter (see Smilkov
//! et al., “Direct-manipulation visualization of deep networks”, 2017). What differs is said where it does: at the
//! [networks](network), which are a fixed set, at their first weights and at the [order of the samples](model::Model::epoch).

pub mod app;
pub mod choice;
pub mod color;
pub mod curve;
pub mod data_set;
pub mod feature;
pub mod headless;
pub mod model;
pub mod network;
pub mod options;
pub mod picture;
pub mod row;
pub mod session;
pub mod settings;
pub mod terminal;
pub mod view;
