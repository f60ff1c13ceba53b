//! What an import cannot know, because no server keeps it.
use super::equal::is_nothing;
use crate::{Block, Dynamic, Nesting};

/// The configuration without its [unstored](crate::Attribute::unstored) attributes of which `prior` says nothing.
pub(crate) fn silent(block: &Block, config: &Dynamic, prior: &Dynamic) -> Dynamic {
    let Dynamic::Map(said) = config else { return config.clone() };
    let mut out = said.clone();
    for a in block.attributes.iter().filter(|a| a.unstored && a.default.is_none()) {
        if is_nothing(&a.ty, prior.get(a.name)) {
            out.insert(a.name.to_owned(), prior.get(a.name).clone());
        }
    }
    for n in block.blocks.iter().filter(|n| n.nesting == Nesting::Single) {
        let (said, was) = (config.get(n.name), prior.get(n.name));
        let rest = silent(&n.block, said, was);
        let empty = was.is_null() && matches!(&rest, Dynamic::Map(m) if m.values().all(Dynamic::is_zero));
        out.insert(n.name.to_owned(), if empty { Dynamic::Null } else { rest });
    }
    Dynamic::Map(out)
}

/// The plan of a silent configuration, with what it left out: `said` is the plan of all that is configured.
pub(crate) fn spoken(planned: Dynamic, said: &Dynamic, config: &Dynamic, silent: &Dynamic) -> Dynamic {
    let Dynamic::Map(planned) = planned else { return planned };
    let left_out = |name: &str| config.get(name) != silent.get(name);
    let words = planned
        .into_iter()
        .map(|(n, v)| if left_out(&n) { (n.clone(), said.get(&n).clone()) } else { (n, v) });
    Dynamic::object(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attribute, NestedBlock, Type};

    fn attribute(name: &'static str, unstored: bool) -> Attribute {
        Attribute { name, ty: Type::String, optional: true, unstored, ..Attribute::default() }
    }

    fn block() -> Block {
        let inner = Block { attributes: vec![attribute("w", true), attribute("b", false)], blocks: vec![] };
        let times =
            NestedBlock { name: "t", nesting: Nesting::Single, block: inner, ..NestedBlock::default() };
        Block { attributes: vec![attribute("w", true), attribute("a", false)], blocks: vec![times] }
    }

    fn map(entries: &[(&str, Dynamic)]) -> Dynamic {
        Dynamic::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    #[test]
    fn what_a_state_does_not_say_is_left_out() {
        let null = Dynamic::Null;
        let inner = |w: &str, b: Dynamic| map(&[("w", w.into()), ("b", b)]);
        let config = map(&[("w", "x".into()), ("a", "y".into()), ("t", inner("z", Dynamic::Null))]);
        let prior = map(&[("w", null.clone()), ("a", null.clone()), ("t", null.clone())]);
        let left = silent(&block(), &config, &prior);
        assert_eq!(left, map(&[("w", null.clone()), ("a", "y".into()), ("t", null.clone())]));
        // The words come back with a change.
        assert_eq!(spoken(left.clone(), &config, &config, &left), config);
        // What a destruction needs is said, and so is what the state has said otherwise.
        let config = map(&[("w", "x".into()), ("a", null.clone()), ("t", inner("z", "b".into()))]);
        let prior = map(&[("w", "v".into()), ("a", null.clone()), ("t", null.clone())]);
        let kept = map(&[("w", null.clone()), ("b", "b".into())]);
        assert_eq!(silent(&block(), &config, &prior), map(&[("w", "x".into()), ("a", null), ("t", kept)]));
    }
}
