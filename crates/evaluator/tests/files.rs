//! Weight files from outside: every kind of damage is refused, with the file and what is wrong in it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use evaluator::{FloatNetwork, Lineage, Network, Shape};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Payoff, Rules};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

type Tensor = (String, Dtype, Vec<usize>, Vec<u8>);
type Tensors = Vec<Tensor>;

fn gardner() -> Arc<Rules> {
    Catalog::builtin().rules("gardner").unwrap()
}

fn network() -> Network {
    let shape = Shape::new(4, 3, "pk", 32).unwrap();
    FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise().unwrap()
}

fn saved(network: &Network, folder: &Path) -> Vec<u8> {
    let path = folder.join("net.safetensors");
    let lineage =
        Lineage { command: "a \"command\"".to_owned(), parent: Some("of another".to_owned()), ..Lineage::default() };
    network.save(&path, &gardner(), lineage).unwrap();
    std::fs::read(&path).unwrap()
}

/// Takes a sound file apart, has `change` change its parts, and puts it together again.
fn changed(change: impl FnOnce(&mut String, &mut Tensors)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let bytes = saved(&network(), folder.path());
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut card = header.metadata().as_ref().unwrap()["card"].clone();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Tensors = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    change(&mut card, &mut tensors);
    let views = tensors
        .iter()
        .map(|(name, kind, dims, data)| (name, TensorView::new(*kind, dims.clone(), data).unwrap()))
        .collect::<Vec<_>>();
    safetensors::serialize(views, Some(HashMap::from([("card".to_owned(), card)]))).unwrap()
}

fn position(tensors: &Tensors, name: &str) -> usize {
    tensors.iter().position(|t| t.0 == name).unwrap()
}

/// The error of reading these bytes from a file, which must name the file and say `what`.
#[track_caller]
fn refused(bytes: &[u8], what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    std::fs::write(&path, bytes).unwrap();
    let error = Network::load(&path).unwrap_err().to_string();
    assert!(error.contains("net.safetensors") && error.contains(what), "{error}");
    assert!(Network::from_bytes(bytes).is_err());
}

#[test]
fn the_same_network_gives_the_same_bytes_and_comes_back() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let network = network();
    let bytes = saved(&network, one.path());
    assert_eq!(bytes, saved(&network, two.path()));
    let (read, card) = Network::from_bytes(&bytes).unwrap();
    assert_eq!(read, network);
    assert_eq!((card.weights.as_str(), &card.shape), (network.hash(), network.shape()));
    assert_eq!(std::fs::read_dir(one.path()).unwrap().count(), 1);
    assert_eq!(changed(|_, _| ()), bytes);
}

#[test]
fn a_file_cut_short_is_refused() {
    let bytes = changed(|_, _| ());
    for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        refused(&bytes[..length], "");
    }
    refused(&[bytes.as_slice(), &[0]].concat(), "");
}

#[test]
fn a_flipped_weight_is_refused() {
    refused(
        &changed(|_, tensors| {
            let at = position(tensors, "policy.weight");
            tensors[at].3[5] ^= 4;
        }),
        "hash",
    );
}

#[test]
fn another_type_or_shape_is_refused() {
    let policy = |change: fn(&mut Tensor)| {
        changed(|_, tensors| {
            let at = position(tensors, "policy.weight");
            change(&mut tensors[at]);
        })
    };
    refused(&policy(|t| t.1 = Dtype::U8), "tensor policy.weight is U8 [144, 32]; I8 [144, 32] was expected");
    refused(&policy(|t| t.2 = vec![32, 144]), "tensor policy.weight is I8 [32, 144]; I8 [144, 32] was expected");
    refused(&policy(|t| t.0 = "policy.wait".to_owned()), "policy.wait");
    refused(
        &policy(|t| {
            // Floats, here NaN, are no whole numbers of a quantised network.
            (t.1, t.3) = (Dtype::F32, t.3.iter().flat_map(|_| f32::NAN.to_le_bytes()).collect());
        }),
        "tensor policy.weight is F32",
    );
    let missing = changed(|_, tensors| {
        let at = position(tensors, "value.bias");
        tensors.remove(at);
    });
    refused(&missing, "value.bias");
}

#[test]
fn the_tensor_at_fault_is_the_one_that_is_named() {
    let bytes = changed(|_, _| ());
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let names: Vec<String> = header.as_object().unwrap().keys().filter(|k| *k != "__metadata__").cloned().collect();
    assert_eq!(names.len(), 10);
    for name in &names {
        for (pointer, change) in [("data_offsets/0", 1), ("data_offsets/1", 1), ("data_offsets/1", -2), ("shape/0", 1)]
        {
            let mut header = header.clone();
            let number = header.pointer_mut(&format!("/{name}/{pointer}")).unwrap();
            let Some(wrong) = number.as_u64().unwrap().checked_add_signed(change) else { continue };
            *number = wrong.into();
            let mut text = serde_json::to_vec(&header).unwrap();
            text.resize(text.len().next_multiple_of(8), b' ');
            let file = [&(text.len() as u64).to_le_bytes(), &text[..], &bytes[8 + length..]].concat();
            refused(&file, &format!("tensor {name} "));
        }
        let mut missing = header.clone();
        missing.as_object_mut().unwrap().remove(name);
        let text = serde_json::to_vec(&missing).unwrap();
        refused(
            &[&(text.len() as u64).to_le_bytes(), &text[..], &bytes[8 + length..]].concat(),
            &format!("tensor {name} "),
        );
    }
}

#[test]
fn only_regular_files_are_read_and_nothing_else_is_replaced() {
    let error = |path: &str| Network::load(std::path::Path::new(path)).unwrap_err().to_string();
    assert!(error("/dev/zero").contains("is a device; a regular file was expected"), "{}", error("/dev/zero"));
    let null = std::path::Path::new("/dev/null");
    network().save(null, &gardner(), Lineage::default()).unwrap();
    assert!(!std::fs::metadata(null).unwrap().is_file());
}

#[test]
fn weights_that_could_overflow_are_refused() {
    for (tensor, bytes, what) in [
        ("features.weight", i16::MIN.to_le_bytes().as_slice(), "more than 16 bits hold"),
        ("value.weight", &i16::MIN.to_le_bytes(), "value.weight"),
        ("policy.weight", &i8::MIN.to_le_bytes(), "-128"),
        ("promotion.weight", &i8::MIN.to_le_bytes(), "-128"),
        ("policy.bias", &i32::MIN.to_le_bytes(), "bias"),
        ("promotion.bias", &i32::MIN.to_le_bytes(), "bias"),
        ("value.bias", &i32::MAX.to_le_bytes(), "bias"),
    ] {
        let file = changed(|_, tensors| {
            let at = position(tensors, tensor);
            tensors[at].3[..bytes.len()].copy_from_slice(bytes);
        });
        refused(&file, what);
        refused(&file, &format!("tensor {tensor} "));
    }
}

#[test]
fn a_card_that_does_not_fit_is_refused() {
    for (from, to, what) in [
        ("\"format\":3", "\"format\":4", "format 4"),
        ("\"format\":3", "\"format\":2", "policy.rows is none"),
        ("\"weights\"", "\"search\":\"best\",\"weights\"", "card: unknown variant `best`"),
        // The same tensors under other letters are another network.
        ("\"pk\"", "\"kp\"", "weights have hash"),
        ("\"hidden\":32", "\"hidden\":64", "tensor features.weight"),
        ("\"hidden\":32", "\"hidden\":33", "33 hidden units"),
        ("\"hidden\":32", "\"hidden\":18446744073709551615", "hidden units"),
        ("\"files\":4", "\"files\":400", "400 files"),
        ("\"pk\"", "\"pp\"", "piece letters"),
        ("\"variant\"", "\"game\"", "card"),
        ("\"weights\"", "\"payoff\":{\"flag\":2.0},\"weights\"", "payoff: flag = 2: a worth from -1 to 1"),
        ("\"weights\"", "\"payoff\":{\"flags\":1.0},\"weights\"", "payoff: `flags` is no ending"),
        ("{", "[", "card"),
    ] {
        refused(
            &changed(|card, _| {
                assert!(card.contains(from), "{card}");
                *card = card.replacen(from, to, 1);
            }),
            what,
        );
    }
}

#[test]
fn rows_of_moves_without_any_weight_are_left_out_and_come_back() {
    let shape = Shape::new(4, 3, "pk", 32).unwrap();
    let mut float = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1));
    // The biases are zero already.
    float.tensor_mut("policy.weight").unwrap()[..48 * 32].fill(0.0);
    float.tensor_mut("promotion.weight").unwrap().fill(0.0);
    let network = float.quantise().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bytes = saved(&network, folder.path());
    assert_eq!(Network::from_bytes(&bytes).unwrap().0, network);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let rows = |name: &str| file.tensor(name).unwrap().shape()[0];
    assert_eq!([rows("policy.weight"), rows("policy.bias"), rows("policy.rows")], [96; 3]);
    assert_eq!([rows("promotion.weight"), rows("promotion.rows")], [0; 2]);
}

#[test]
fn rows_that_are_none_or_stand_twice_are_refused() {
    for numbers in [[1u16, 1], [1, 0], [0, u16::MAX]] {
        let file = changed(|_, tensors| {
            let at = position(tensors, "policy.rows");
            for (bytes, number) in tensors[at].3.as_chunks_mut().0.iter_mut().rev().zip(numbers.iter().rev()) {
                *bytes = number.to_le_bytes();
            }
        });
        refused(&file, "tensor policy.rows has rows that do not rise; rising numbers below 144 were expected");
    }
}

#[test]
fn a_huge_header_or_file_is_refused_unread() {
    let mut bytes = changed(|_, _| ());
    for length in [(1 << 20) + 1, 100_000_000, u64::MAX] {
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        refused(&bytes, "header");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    std::fs::File::create(&path).unwrap().set_len((1 << 28) + 1).unwrap();
    assert!(Network::load(&path).unwrap_err().to_string().contains("268435456"));
    assert!(Network::load(folder.path()).is_err());
    assert!(Network::load(&folder.path().join("missing")).unwrap_err().to_string().contains("missing"));
}

#[test]
fn a_network_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/folder/net.safetensors");
    let error = network().save(&path, &gardner(), Lineage::default()).unwrap_err();
    assert!(error.to_string().contains("net.safetensors"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_card_tells_the_payoff_unless_it_is_the_variants_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let payoff: Payoff = "stalemate=0.1,count=-1,count-at-ply=40".parse().unwrap();
    let rules = gardner().with_payoff(payoff.clone());
    network().save(&path, &rules, Lineage::default()).unwrap();
    let (read, card) = Network::load(&path).unwrap();
    assert_eq!((read, card.rules.as_str()), (network(), rules.hash()));
    let entries = card.payoff.iter().map(|(name, worth)| (name.clone(), f64::from(*worth)));
    assert_eq!(Payoff::from_entries(entries), Ok(payoff));
    let text = changed(|card, _| assert!(!card.contains("payoff"), "{card}"));
    assert!(Network::from_bytes(&text).unwrap().1.payoff.is_empty());
}
