//! IDX, the file format of the MNIST digits: a short header and an array of bytes.
//!
//! ```text
//! 0  0  type  rank      type 08 is the unsigned byte
//! size of each axis     rank × u32, big-endian, slowest axis first
//! values                row-major
//! ```
//! Source: Y. LeCun, C. Cortes, C. Burges, “The MNIST database of handwritten digits”, 1998.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// What a file that is not plain IDX begins with when it is compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The code of the one element type that is read.
const UNSIGNED_BYTE: u8 = 0x08;

/// How much is reserved before any data have been seen: a header alone must not be able to take memory.
const RESERVED: u64 = 1 << 20;

/// Why a file is not the IDX file that was expected.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The file that the error is about.
    #[error("`{}`: {error}", path.display())]
    InFile {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<IdxError>,
    },
    /// None of the names under which a folder may hold a file is there.
    #[error("`{}` has no file `{name}`, nor under its other names ({others})", folder.display())]
    NotInFolder {
        /// The folder.
        folder: PathBuf,
        /// The usual name.
        name: String,
        /// The names that were tried after it.
        others: String,
    },
    /// The operating system could not open or read the file.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It begins like gzip, but the rest cannot be decompressed or has the wrong checksum.
    #[error("corrupt gzip: {0}")]
    Gzip(io::Error),
    /// The file ends within its header.
    #[error("the header is cut short: expected {expected} bytes, found {found}")]
    Header {
        /// The length that the header should have, as far as it is known.
        expected: usize,
        /// The bytes that are there.
        found: usize,
    },
    /// The file does not begin with two zero bytes.
    #[error("not an IDX file: expected the magic bytes 00 00 08 01 to 00 00 08 04, found {}", hex(*found))]
    Magic {
        /// The first four bytes.
        found: [u8; 4],
    },
    /// The elements are not unsigned bytes.
    #[error("the elements are {} (type 0x{code:02X}): only unsigned bytes (type 0x08) are read", element_type(*code))]
    ElementType {
        /// The third byte of the file.
        code: u8,
    },
    /// The number of axes is not 1, 2, 3 or 4.
    #[error("the array has rank {found}: only ranks 1 to 4 are read")]
    Rank {
        /// The fourth byte of the file.
        found: u8,
    },
    /// The header announces more than [`Idx::MAX_BYTES`].
    #[error("the header announces shape {shape:?}, more than the {} bytes that are read at most", Idx::MAX_BYTES)]
    TooLarge {
        /// The shape in the header.
        shape: Vec<usize>,
    },
    /// There are fewer data than the header announces.
    #[error("truncated: expected {expected} bytes of data, found {found}")]
    Truncated {
        /// The product of the shape.
        expected: u64,
        /// The bytes that follow the header.
        found: u64,
    },
    /// The file goes on after its last value.
    #[error("trailing bytes: expected {expected} bytes of data, found more")]
    Trailing {
        /// The product of the shape.
        expected: u64,
    },
    /// An array that should hold images has no three axes.
    #[error("expected images [count, height, width], found an array of shape {shape:?}")]
    NotImages {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// An array that should hold labels has more than one axis.
    #[error("expected labels [count], found an array of shape {shape:?}")]
    NotLabels {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// Images and labels do not belong together.
    #[error("{images} images but {labels} labels")]
    Counts {
        /// How many images there are.
        images: usize,
        /// How many labels there are.
        labels: usize,
    },
    /// A label that is no class.
    #[error("image {index} has label {label}, which is out of range for {classes} classes")]
    Label {
        /// Which image, from 0.
        index: usize,
        /// Its label.
        label: u8,
        /// The number of classes.
        classes: usize,
    },
}

impl IdxError {
    pub(super) fn in_file(self, path: &Path) -> Self {
        Self::InFile { path: path.to_owned(), error: Box::new(self) }
    }
}

fn hex([a, b, c, d]: [u8; 4]) -> String {
    format!("{a:02x} {b:02x} {c:02x} {d:02x}")
}

const fn element_type(code: u8) -> &'static str {
    match code {
        UNSIGNED_BYTE => "unsigned bytes",
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        0x0C => "32-bit integers",
        0x0D => "32-bit floats",
        0x0E => "64-bit floats",
        _ => "of an unknown type",
    }
}

/// An array of unsigned bytes with one to four axes, row-major.
///
/// ```
/// use nn_runtime::data::Idx;
///
/// // Two images of 1 × 3 pixels.
/// let file = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60];
/// let images = Idx::from_bytes(&file)?;
/// assert_eq!(images.shape(), [2, 1, 3]);
/// assert_eq!(images.data()[3..], [40, 50, 60]);
/// # Ok::<(), nn_runtime::data::IdxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    shape: Vec<usize>,
    data: Vec<u8>,
}

impl Idx {
    /// The largest array that is read: 4 GiB.
    pub const MAX_BYTES: u64 = 1 << 32;

    /// Reads a file, plain or gzip: which of the two it is, its first bytes say, not its name.
    ///
    /// # Errors
    /// If the file cannot be read or is not exactly an IDX file of unsigned bytes; the error names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, IdxError> {
        let path = path.as_ref();
        let read = || Self::from_reader(BufReader::new(File::open(path).map_err(IdxError::Unreadable)?));
        read().map_err(|error| error.in_file(path))
    }

    /// Reads the bytes of a file, plain or gzip.
    ///
    /// # Errors
    /// If they are not exactly an IDX file of unsigned bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdxError> {
        Self::from_reader(bytes)
    }

    fn from_reader(mut source: impl Read) -> Result<Self, IdxError> {
        let start = read_up_to(&mut source, 2)?;
        let compressed = start == GZIP;
        let whole = io::Cursor::new(start).chain(source);
        if compressed { Self::parse(MultiGzDecoder::new(whole)) } else { Self::parse(whole) }
    }

    fn parse(mut source: impl Read) -> Result<Self, IdxError> {
        let shape = read_shape(&mut source)?;
        let expected = data_len(&shape)?;
        let data = read_up_to(&mut source, expected + 1)?;
        let found = data.len() as u64;
        if found < expected {
            return Err(IdxError::Truncated { expected, found });
        }
        if found > expected {
            return Err(IdxError::Trailing { expected });
        }
        Ok(Self { shape, data })
    }

    /// The length of each axis, slowest first: `[count, height, width]` for images.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Every value, row-major.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    pub(super) fn into_parts(self) -> (Vec<usize>, Vec<u8>) {
        (self.shape, self.data)
    }
}

fn read_shape(source: &mut impl Read) -> Result<Vec<usize>, IdxError> {
    let magic = read_header(source, 0, 4)?;
    let rank = match magic[..] {
        [0, 0, UNSIGNED_BYTE, rank @ 1..=4] => usize::from(rank),
        [0, 0, UNSIGNED_BYTE, found] => return Err(IdxError::Rank { found }),
        [0, 0, code, _] => return Err(IdxError::ElementType { code }),
        _ => return Err(IdxError::Magic { found: [magic[0], magic[1], magic[2], magic[3]] }),
    };
    let sizes = read_header(source, 4, 4 * rank)?;
    Ok(sizes.chunks_exact(4).map(|s| u32::from_be_bytes([s[0], s[1], s[2], s[3]]) as usize).collect())
}

/// The next `len` bytes of the header, of which `before` have been read.
fn read_header(source: &mut impl Read, before: usize, len: usize) -> Result<Vec<u8>, IdxError> {
    let bytes = read_up_to(source, len as u64)?;
    if bytes.len() < len {
        return Err(IdxError::Header { expected: before + len, found: before + bytes.len() });
    }
    Ok(bytes)
}

/// The product of a shape. Four sizes of 32 bits fit into 128.
fn data_len(shape: &[usize]) -> Result<u64, IdxError> {
    let len = shape.iter().map(|&size| size as u128).product::<u128>();
    u64::try_from(len)
        .ok()
        .filter(|&len| len <= Idx::MAX_BYTES)
        .ok_or_else(|| IdxError::TooLarge { shape: shape.to_owned() })
}

/// The next `limit` bytes, or as many as there are. Memory grows with what is there, not with what was announced.
fn read_up_to(source: &mut impl Read, limit: u64) -> Result<Vec<u8>, IdxError> {
    let mut bytes = Vec::with_capacity(limit.min(RESERVED) as usize);
    source.take(limit).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            IdxError::Gzip(error)
        }
        _ => IdxError::Unreadable(error),
    })?;
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    pub(in crate::data) fn encode(shape: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, UNSIGNED_BYTE, shape.len() as u8];
        bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(data);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn message(bytes: &[u8]) -> String {
        Idx::from_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn reads_every_rank_plain_and_compressed() {
        for shape in [&[6][..], &[2, 3], &[1, 2, 3], &[3, 1, 1, 2]] {
            let plain = encode(shape, &[9, 8, 7, 6, 5, 4]);
            for bytes in [plain.clone(), gzip(&plain)] {
                let idx = Idx::from_bytes(&bytes).unwrap();
                assert_eq!(idx.shape(), shape.iter().map(|&size| size as usize).collect::<Vec<_>>());
                assert_eq!(idx.data(), [9, 8, 7, 6, 5, 4]);
            }
        }
    }

    #[test]
    fn an_axis_of_length_zero_is_an_empty_array() {
        assert!(Idx::from_bytes(&encode(&[0, 28, 28], &[])).unwrap().data().is_empty());
        let huge_but_empty = encode(&[u32::MAX, u32::MAX, u32::MAX, 0], &[]);
        assert!(Idx::from_bytes(&huge_but_empty).unwrap().data().is_empty());
    }

    #[test]
    fn compression_is_recognised_by_the_bytes_not_by_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let plain = encode(&[2], &[1, 2]);
        for (name, bytes) in [("compressed", gzip(&plain)), ("plain.gz", plain)] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Idx::read(&path).unwrap().data(), [1, 2]);
        }
    }

    #[test]
    fn errors_of_the_header() {
        assert_eq!(message(&[]), "the header is cut short: expected 4 bytes, found 0");
        assert_eq!(message(&[0, 0, 8]), "the header is cut short: expected 4 bytes, found 3");
        assert_eq!(message(&encode(&[5, 2], &[])[..11]), "the header is cut short: expected 12 bytes, found 11");
        assert_eq!(
            message(b"\x89PNG\r\n"),
            "not an IDX file: expected the magic bytes 00 00 08 01 to 00 00 08 04, found 89 50 4e 47"
        );
        assert_eq!(
            message(&[0, 0, 0x0D, 2, 0, 0]),
            "the elements are 32-bit floats (type 0x0D): only unsigned bytes (type 0x08) are read"
        );
        assert_eq!(
            message(&[0, 0, 0x0A, 2]),
            "the elements are of an unknown type (type 0x0A): only unsigned bytes (type 0x08) are read"
        );
        assert_eq!(message(&[0, 0, 8, 0]), "the array has rank 0: only ranks 1 to 4 are read");
        assert_eq!(message(&[0, 0, 8, 5]), "the array has rank 5: only ranks 1 to 4 are read");
    }

    #[test]
    fn errors_of_the_length() {
        let plain = encode(&[2, 3], &[1, 2, 3, 4, 5]);
        assert_eq!(message(&plain), "truncated: expected 6 bytes of data, found 5");
        assert_eq!(message(&gzip(&plain)), "truncated: expected 6 bytes of data, found 5");
        let long = encode(&[2, 2], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(message(&long), "trailing bytes: expected 4 bytes of data, found more");
        assert_eq!(message(&gzip(&long)), "trailing bytes: expected 4 bytes of data, found more");
        assert_eq!(
            message(&encode(&[u32::MAX, u32::MAX, u32::MAX, u32::MAX], &[])),
            "the header announces shape [4294967295, 4294967295, 4294967295, 4294967295], more than the 4294967296 \
             bytes that are read at most"
        );
        assert_eq!(
            message(&encode(&[65536, 65537], &[])),
            "the header announces shape [65536, 65537], more than the 4294967296 bytes that are read at most"
        );
    }

    #[test]
    fn a_header_alone_takes_no_memory() {
        let bytes = encode(&[4_000_000, 1000], &[7; 20]);
        assert_eq!(message(&bytes), "truncated: expected 4000000000 bytes of data, found 20");
        let read = read_up_to(&mut &bytes[..], 4_000_000_000).unwrap();
        assert!(read.capacity() <= RESERVED as usize, "{} bytes reserved", read.capacity());
    }

    #[test]
    fn decompression_stops_after_what_the_header_announces() {
        /// Counts the bytes that are asked of it.
        struct Counted<'a>(&'a [u8], &'a mut usize);
        impl Read for Counted<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let len = self.0.read(buffer)?;
                *self.1 += len;
                Ok(len)
            }
        }
        let mut bomb = encode(&[4], &[]);
        bomb.resize(1 << 26, 0);
        let (bomb, mut taken) = (gzip(&bomb), 0);
        let error = Idx::parse(MultiGzDecoder::new(Counted(&bomb, &mut taken))).unwrap_err();
        assert_eq!(error.to_string(), "trailing bytes: expected 4 bytes of data, found more");
        assert!(taken < bomb.len(), "{taken} of {}", bomb.len());
    }

    #[test]
    fn errors_of_gzip() {
        let whole = gzip(&encode(&[4], &[1, 2, 3, 4]));
        assert_eq!(message(&whole[..whole.len() - 3]), "corrupt gzip: unexpected end of file");
        let mut checksum = whole.clone();
        let at = whole.len() - 8;
        checksum[at] ^= 1;
        assert_eq!(message(&checksum), "corrupt gzip: corrupt gzip stream does not have a matching checksum");
        let mut garbage = whole;
        garbage.extend([1, 2, 3]);
        assert!(message(&garbage).starts_with("corrupt gzip: "), "{}", message(&garbage));
    }

    #[test]
    fn errors_of_files_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert_eq!(
            Idx::read(&missing).unwrap_err().to_string(),
            format!("`{}`: cannot be read: {}", missing.display(), File::open(&missing).unwrap_err())
        );
        let short = folder.path().join("short");
        std::fs::write(&short, encode(&[3], &[1])).unwrap();
        assert_eq!(
            Idx::read(&short).unwrap_err().to_string(),
            format!("`{}`: truncated: expected 3 bytes of data, found 1", short.display())
        );
        assert!(Idx::read(folder.path()).unwrap_err().to_string().contains("cannot be read: "));
    }

    #[test]
    fn errors_travel_between_threads() {
        fn check<E: std::error::Error + Send + Sync + 'static>() {}
        check::<IdxError>();
    }

    /// What the bytes say when read by the letter of the format.
    fn naive(bytes: &[u8]) -> Option<(Vec<usize>, &[u8])> {
        let [0, 0, 8, rank @ 1..=4] = *bytes.get(..4)? else { return None };
        let (sizes, data) = bytes[4..].split_at_checked(4 * usize::from(rank))?;
        let shape: Vec<usize> =
            sizes.chunks(4).map(|s| s.iter().fold(0, |size, &byte| size << 8 | usize::from(byte))).collect();
        let len: u128 = shape.iter().map(|&size| size as u128).product();
        (len == data.len() as u128).then_some((shape, data))
    }

    proptest! {
        #[test]
        fn mutated_files_are_read_by_the_letter_or_refused(
            shape in prop::collection::vec(1_u32..5, 1..=4),
            mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in prop::option::of(any::<prop::sample::Index>()),
            tail in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let len = shape.iter().product::<u32>() as usize;
            let data: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut bytes = encode(&shape, &data);
            bytes.extend(tail);
            for (at, value) in mutations {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            for source in [bytes.clone(), gzip(&bytes)] {
                let read = Idx::from_bytes(&source).ok().map(Idx::into_parts);
                prop_assert_eq!(read, naive(&bytes).map(|(shape, data)| (shape, data.to_vec())));
            }
        }

        #[test]
        fn mutated_gzip_gives_the_same_array_or_an_error(
            at in any::<prop::sample::Index>(),
            value in any::<u8>(),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let plain = encode(&[3, 50], &(0..150).collect::<Vec<u8>>());
            let mut bytes = gzip(&plain);
            let at = at.index(bytes.len());
            bytes[at] = value;
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            if let Ok(idx) = Idx::from_bytes(&bytes) {
                prop_assert_eq!(idx, Idx::from_bytes(&plain).unwrap());
            }
        }
    }
}
