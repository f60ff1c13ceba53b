//! Names and inventory paths, which have several spellings: vSphere stores a slash, a backslash and a percent sign in a
//! name as `%2f`, `%5c` and `%25`, and takes them both ways. Pure.
use tf_framework::Dynamic;
use vsphere_client::{same_name, unescape};

/// The names of a path, from the top down, as they are written.
pub fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|s| !s.is_empty() && *s != ".").collect()
}

/// The names of a path, from the top down, with their escapes resolved.
pub fn resolved(path: &str) -> Vec<String> {
    segments(path).into_iter().map(|s| unescape(s).into_owned()).collect()
}

/// Two spellings of one name, for `#[tf(same = …)]` of attributes that hold the name of an object of the inventory.
pub fn same(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if same_name(a, b))
}

/// Two spellings of one path: of its names, or with other slashes between them. For `#[tf(same = …)]` of attributes that
/// hold an inventory path, whole or below a folder.
pub fn same_path(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if resolved(a) == resolved(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vsphere_client::{escape, readable, stored_path};

    #[test]
    fn what_is_another_name_stays_one() {
        for (a, b, is) in [
            ("a/b", "a%2fb", true),
            ("50%", "50%25", true),
            ("a\\b", "a%5Cb", true),
            ("a", "A", false),
            ("%252f", "%2f", false),
            ("%20", " ", false),
            ("50%25", "50%2525", false),
        ] {
            assert_eq!(same(&a.into(), &b.into()), is, "{a} {b}");
        }
        assert!(!same(&Dynamic::Null, &"".into()));
        assert!(!same_path(&"a/b".into(), &"a%2fb".into()));
        assert!(same_path(&"/a%2Fb//50%/".into(), &"a%2fb/50%25".into()));
    }

    proptest! {
        /// Whatever is configured, and whatever vSphere stores: what is read back is the same name, and would be stored as
        /// it is again.
        #[test]
        fn a_name_that_is_read_back_is_the_same(name in "[a%/\\\\25fFcC ]{0,8}") {
            let stored = stored_path(&escape(&unescape(&name)));
            let read = readable(&stored);
            prop_assert!(same(&name.as_str().into(), &read.as_ref().into()), "{name} {stored} {read}");
            prop_assert_eq!(escape(&unescape(&read)), stored);
        }

        /// The spelling of a path makes no other path of it, and another name does.
        #[test]
        fn spellings_of_paths_are_the_same(
            names in proptest::collection::vec("[a-c/%\\\\25f]{1,5}", 1..4),
            other in proptest::collection::vec("[a-c/%\\\\25f]{1,5}", 1..4),
        ) {
            prop_assume!(!names.iter().chain(&other).any(|n| n == "."));
            let escaped: Vec<String> = names.iter().map(|n| escape(n)).collect();
            let plain = escaped.join("/");
            let padded = format!("/{}/", escaped.join("//").replace("%2f", "%2F"));
            prop_assert!(same_path(&plain.as_str().into(), &padded.as_str().into()));
            prop_assert_eq!(stored_path(&padded), plain.clone());
            let another = other.iter().map(|n| escape(n)).collect::<Vec<_>>().join("/");
            prop_assert_eq!(same_path(&plain.as_str().into(), &another.as_str().into()), names == other);
        }
    }
}
