//! An ISO 9660 image with a few files in its root folder, with Rock Ridge and Joliet names. The same files make the same
//! image.

const SECTOR: usize = 2048;
/// The first sectors, which are not used.
const SYSTEM: usize = 16;
/// Where the parts are: three descriptors, two path tables in both byte orders, two folders, and the files.
const PATHS: usize = SYSTEM + 3;
const FOLDERS: usize = PATHS + 4;
const FILES: usize = FOLDERS + 2;
/// The path table of a root folder alone.
const PATH_TABLE: usize = 10;
/// The time of recording: years since 1900, month, day, hour, minute, second, offset. A constant: 2000-01-01.
const TIME: [u8; 7] = [100, 1, 1, 0, 0, 0, 0];
const MODE_FILE: u32 = 0o100_444;
const MODE_FOLDER: u32 = 0o040_555;

/// A file: its name, and its content.
pub(super) type File<'a> = (&'a str, &'a [u8]);

/// Makes an image.
pub(super) fn image(volume: &str, files: &[File<'_>]) -> Vec<u8> {
    let mut places = vec![];
    let mut at = FILES;
    for (_, content) in files {
        places.push(at);
        at += content.len().div_ceil(SECTOR);
    }
    let mut out = vec![0; SYSTEM * SECTOR];
    for is_joliet in [false, true] {
        descriptor(&mut out, volume, at, is_joliet);
    }
    sector(&mut out, |out| out.extend_from_slice(b"\xffCD001\x01"));
    for is_joliet in [false, true] {
        // The folder is its own parent, number 1.
        let folder = folder_at(is_joliet) as u32;
        for (place, parent) in [(folder.to_le_bytes(), [1, 0]), (folder.to_be_bytes(), [0, 1])] {
            sector(&mut out, |out| {
                out.extend_from_slice(&[1, 0]);
                out.extend_from_slice(&place);
                out.extend_from_slice(&parent);
                out.extend_from_slice(&[0, 0]);
            });
        }
    }
    for is_joliet in [false, true] {
        folder(&mut out, files, &places, is_joliet);
    }
    for (_, content) in files {
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(SECTOR), 0);
    }
    out
}

fn folder_at(is_joliet: bool) -> usize {
    FOLDERS + usize::from(is_joliet)
}

/// Adds a sector.
fn sector(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    write(out);
    out.resize(start + SECTOR, 0);
}

/// A number in both byte orders.
fn both32(out: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&number.to_be_bytes());
}

fn both16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&number.to_be_bytes());
}

/// A text of a fixed length, filled with blanks; in UCS-2 for Joliet.
fn text(out: &mut Vec<u8>, text: &str, length: usize, is_joliet: bool) {
    let end = out.len() + length;
    if is_joliet {
        out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        out.truncate(end);
        while out.len() + 1 < end {
            out.extend_from_slice(&[0, b' ']);
        }
        out.resize(end, 0);
    } else {
        out.extend_from_slice(text.as_bytes());
        out.truncate(end);
        out.resize(end, b' ');
    }
}

/// The volume descriptor: the primary one, or that of Joliet.
fn descriptor(out: &mut Vec<u8>, volume: &str, sectors: usize, is_joliet: bool) {
    let paths = PATHS + 2 * usize::from(is_joliet);
    sector(out, |out| {
        let start = out.len();
        out.push(if is_joliet { 2 } else { 1 });
        out.extend_from_slice(b"CD001\x01\0");
        text(out, "LINUX", 32, is_joliet);
        text(out, volume, 32, is_joliet);
        out.extend_from_slice(&[0; 8]);
        both32(out, sectors);
        // UCS-2 level 3.
        out.extend_from_slice(if is_joliet { b"%/E" } else { b"\0\0\0" });
        out.resize(start + 120, 0);
        both16(out, 1);
        both16(out, 1);
        both16(out, SECTOR as u16);
        both32(out, PATH_TABLE);
        out.extend_from_slice(&(paths as u32).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&(paths as u32 + 1).to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        record(out, &[0], (folder_at(is_joliet), SECTOR), true, &[]);
        for length in [128; 4].into_iter().chain([37; 3]) {
            text(out, "", length, is_joliet);
        }
        // Created, modified, expires never, effective; each with its time zone.
        for digits in [b"2000010100000000", b"2000010100000000", b"0000000000000000", b"2000010100000000"] {
            out.extend_from_slice(digits);
            out.push(0);
        }
        out.push(1);
    });
}

/// A record of a folder: a name, the sector and length, and entries of Rock Ridge.
fn record(out: &mut Vec<u8>, name: &[u8], (at, length): (usize, usize), is_folder: bool, system: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&[0, 0]);
    both32(out, at);
    both32(out, length);
    out.extend_from_slice(&TIME);
    out.extend_from_slice(&[if is_folder { 2 } else { 0 }, 0, 0]);
    both16(out, 1);
    out.push(u8::try_from(name.len()).unwrap_or_default());
    out.extend_from_slice(name);
    if name.len().is_multiple_of(2) {
        out.push(0);
    }
    out.extend_from_slice(system);
    if (out.len() - start) % 2 == 1 {
        out.push(0);
    }
    out[start] = u8::try_from(out.len() - start).unwrap_or_default();
}

/// The mode of a file (`PX`).
fn mode(mode: u32, links: usize) -> Vec<u8> {
    let mut out = b"PX\x24\x01".to_vec();
    for number in [mode as usize, links, 0, 0] {
        both32(&mut out, number);
    }
    out
}

/// The root folder.
fn folder(out: &mut Vec<u8>, files: &[File<'_>], places: &[usize], is_joliet: bool) {
    let own = (folder_at(is_joliet), SECTOR);
    sector(out, |out| {
        let mut dot = vec![];
        if !is_joliet {
            dot.extend_from_slice(b"SP\x07\x01\xbe\xef\0");
            dot.extend(mode(MODE_FOLDER, 2));
            dot.extend_from_slice(b"ER\x12\x01\x0a\0\0\x01RRIP_1991A");
        }
        record(out, &[0], own, true, &dot);
        let dots = if is_joliet { vec![] } else { mode(MODE_FOLDER, 2) };
        record(out, &[1], own, true, &dots);
        let mut all: Vec<_> = files.iter().zip(places).enumerate().collect();
        all.sort_by_key(|(_, ((name, _), _))| *name);
        for (index, ((name, content), place)) in all {
            let place = (*place, content.len());
            if is_joliet {
                let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
                record(out, &name, place, false, &[]);
            } else {
                let mut system = vec![b'N', b'M', 5 + u8::try_from(name.len()).unwrap_or_default(), 1, 0];
                system.extend_from_slice(name.as_bytes());
                system.extend(mode(MODE_FILE, 1));
                // Names in the order of the records, in characters that ISO 9660 permits.
                let short: String = name
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .take(7)
                    .collect::<String>()
                    .to_ascii_uppercase();
                record(out, format!("{short}{index}.;1").as_bytes(), place, false, &system);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const FILES_OF_CIDATA: [File<'static>; 3] =
        [("user-data", b"#cloud-config\n"), ("meta-data", b""), ("network-config", &[b'x'; 5000])];

    #[test]
    fn an_image_has_its_files_where_its_records_say() {
        let image = image("cidata", &FILES_OF_CIDATA);
        assert_eq!(image.len() % SECTOR, 0);
        assert_eq!(&image[16 * SECTOR + 1..16 * SECTOR + 6], b"CD001");
        assert_eq!(&image[16 * SECTOR + 40..16 * SECTOR + 47], b"cidata ");
        let number = |at: usize| {
            let le = u32::from_le_bytes([image[at], image[at + 1], image[at + 2], image[at + 3]]);
            let be = u32::from_be_bytes([image[at + 4], image[at + 5], image[at + 6], image[at + 7]]);
            assert_eq!(le, be);
            le as usize
        };
        assert_eq!(number(16 * SECTOR + 80) * SECTOR, image.len());
        for (descriptor, is_joliet) in [(16, false), (17, true)] {
            let mut at = number(descriptor * SECTOR + 156 + 2) * SECTOR;
            let mut seen = vec![];
            while image[at] > 0 {
                let (length, name) = (image[at] as usize, image[at + 32] as usize);
                let record = &image[at..at + length];
                if name > 1 {
                    let own: String = if is_joliet {
                        record[33..33 + name].chunks(2).map(|c| c[1] as char).collect()
                    } else {
                        let nm = record.windows(2).position(|w| w == b"NM").unwrap_or_default();
                        String::from_utf8_lossy(&record[nm + 5..nm + record[nm + 2] as usize]).into_owned()
                    };
                    let (place, size) = (number(at + 2) * SECTOR, number(at + 10));
                    seen.push((own, image[place..place + size].to_vec()));
                }
                at += length;
            }
            let mut expected: Vec<_> = FILES_OF_CIDATA.map(|(n, c)| (n.to_owned(), c.to_vec())).into();
            expected.sort();
            assert_eq!(seen, expected);
        }
    }

    /// Other programs read the names and contents; without them, nothing is tested.
    #[test]
    fn other_readers_find_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cidata.iso");
        std::fs::write(&path, image("cidata", &FILES_OF_CIDATA)).unwrap();
        let path = path.to_str().unwrap();
        for command in [
            ["bsdtar", "-tf", path].as_slice(),
            &["isoinfo", "-R", "-f", "-i", path],
            &["isoinfo", "-J", "-f", "-i", path],
        ] {
            let Ok(out) = Command::new(command[0]).args(&command[1..]).output() else { continue };
            let text = String::from_utf8_lossy(&out.stdout);
            assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
            for (name, _) in FILES_OF_CIDATA {
                assert!(text.lines().any(|l| l.trim_start_matches('/') == name), "{command:?}: {text}");
            }
        }
        if let Ok(out) = Command::new("isoinfo").args(["-R", "-x", "/user-data", "-i", path]).output() {
            assert_eq!(out.stdout, b"#cloud-config\n");
        }
        if let Ok(out) = Command::new("isoinfo").args(["-d", "-i", path]).output() {
            let text = String::from_utf8_lossy(&out.stdout);
            assert!(text.contains("Volume id: cidata") && text.contains("Joliet with UCS level 3"), "{text}");
        }
    }
}
