//! Reading is lenient, writing is exact.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vim_types::methods::{CreateFolder, Login, RetrievePropertiesEx};
use vim_types::types::{
    CustomFieldStringValue, CustomFieldValue, CustomFieldValueKind, PropertyFilterSpec, SelectionSpec,
    SelectionSpecKind, TaskInfo, TaskInfoState, TraversalSpec,
};
use vim_types::xml::{
    Any, ApiVersion, Binary, Dyn, Error, MAX_DEPTH, MoRef, Reader, Request, Secret, Value, Write, Writer,
};

const NEW: ApiVersion = ApiVersion::new([9, 1, 1, 0]);

fn read<T: Value + Default>(text: &str) -> Result<T, Error> {
    let mut reader = Reader::new(text);
    assert!(reader.next_child()?);
    let mut value = T::default();
    value.read(&mut reader)?;
    Ok(value)
}

fn written(value: &dyn Write) -> String {
    let mut writer = Writer::new(NEW);
    value.write(&mut writer, "v");
    writer.finish().unwrap()
}

#[test]
fn unknown_elements_are_skipped_and_missing_ones_default() {
    let info: TaskInfo = read(
        r#"<info><key>task-1</key><novelty><deep><deeper/></deep></novelty><state>success</state>
           <result xsi:type="xsd:int">7</result></info>"#,
    )
    .unwrap();
    assert_eq!(
        (info.key.as_str(), &info.state, &info.result),
        ("task-1", &TaskInfoState::Success, &Some(Any::Int(7)))
    );
    assert_eq!((info.cancelable, info.progress, info.queue_time.as_str()), (false, None, ""));
}

#[test]
fn unknown_values_of_an_enumeration_keep_their_text() {
    let state: TaskInfoState = read("<s>dreaming</s>").unwrap();
    assert_eq!((state.as_str(), written(&state).as_str()), ("dreaming", "<v>dreaming</v>"));
}

#[test]
fn known_subtypes_are_typed_and_unknown_ones_are_trees() {
    let text = r#"<v xsi:type="CustomFieldStringValue"><key>3</key><value>a &amp; b</value></v>"#;
    let value: CustomFieldValueKind = read(text).unwrap();
    assert_eq!(value.base().unwrap().key, 3);
    assert_eq!(written(&value), text);
    let plain: CustomFieldValueKind = read("<v><key>3</key></v>").unwrap();
    assert_eq!(plain, CustomFieldValue { key: 3 }.into());

    let text = r#"<v xsi:type="CustomFieldMoonValue"><key>3</key><of type="Planet">planet-1</of></v>"#;
    let value: CustomFieldValueKind = read(text).unwrap();
    let CustomFieldValueKind::Unknown(tree) = &value else { panic!("{value:?}") };
    assert_eq!((&*tree.type_name, tree.text_of("key")), ("CustomFieldMoonValue", Some("3")));
    assert_eq!(tree.child("of").and_then(Dyn::moref), Some(MoRef::new("Planet", "planet-1")));
    assert_eq!(value.base(), None);
    // What was not understood can be sent back as it was.
    assert_eq!(written(&value), text);
}

#[test]
fn inherited_fields_come_first_and_are_at_hand() {
    let mut value = CustomFieldStringValue { value: "x".into(), ..Default::default() };
    value.key = 5;
    assert_eq!(written(&value), "<v><key>5</key><value>x</value></v>");
}

#[test]
fn requests_are_written_in_the_order_of_the_schema() {
    let step = TraversalSpec {
        base: SelectionSpec { name: Some("up".into()) },
        r#type: "ManagedEntity".into(),
        path: "parent".into(),
        skip: Some(false),
        select_set: vec![SelectionSpecKind::from(SelectionSpec { name: Some("up".into()) })],
    };
    let value = SelectionSpecKind::from(step);
    assert_eq!(
        written(&value),
        "<v xsi:type=\"TraversalSpec\"><name>up</name><type>ManagedEntity</type><path>parent</path>\
         <skip>false</skip><selectSet><name>up</name></selectSet></v>"
    );
    assert_eq!(RetrievePropertiesEx::NAME, "RetrievePropertiesEx");
    assert_eq!(CreateFolder::PRIVILEGE, Some("Folder.Create"));
    assert!(!PropertyFilterSpec::default().prop_set.is_set());
}

#[test]
fn a_field_that_the_server_does_not_know_is_refused_when_it_is_set() {
    let since = ApiVersion::new([8, 0, 1, 0]);
    let mut old = Writer::new(ApiVersion::new([7, 0, 3, 0]));
    old.since(since, "Spec", "field", &None::<i32>);
    assert_eq!(old.refused(), None);
    old.since(since, "Spec", "field", &Some(1));
    let refused = old.finish().unwrap_err();
    assert_eq!((refused.owner, refused.field, refused.since), ("Spec", "field", since));
    let mut new = Writer::new(NEW);
    new.since(since, "Spec", "field", &Some(1));
    assert_eq!(new.as_str(), "<field>1</field>");
}

#[test]
fn depth_is_limited() {
    let deep = |n: u32| format!("{}{}", "<a>".repeat(n as usize), "</a>".repeat(n as usize));
    read::<Dyn>(&deep(MAX_DEPTH)).unwrap();
    assert_eq!(read::<Dyn>(&deep(MAX_DEPTH + 1)), Err(Error::TooDeep));
    // Skipping needs no stack, so depth does no harm there.
    read::<TaskInfo>(&format!("<i>{}</i>", deep(50_000))).unwrap();
}

#[test]
fn broken_documents_are_errors() {
    for text in ["<a><b>", "<a><b></a", "<a>&#xZZ;</a"] {
        assert!(read::<Dyn>(text).is_err(), "{text}");
    }
    assert_eq!(read::<i32>("<a>seven</a>"), Err(Error::Value { expected: "int" }));
    assert_eq!(read::<bool>("<a>maybe</a>"), Err(Error::Value { expected: "boolean" }));
    // An entity cannot be declared into existence (no billion laughs).
    let bomb = r#"<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><a>&x;&x;</a>"#;
    assert_eq!(read::<String>(bomb).unwrap(), "");
}

#[test]
fn text_survives() {
    for text in ["", "a", "<&>\"'", "ä\u{1f600}", " padded ", "line\nbreak", "line\r\nbreak", "]]>"] {
        assert_eq!(read::<String>(&written(&text.to_owned())).unwrap(), text);
        assert_eq!(
            read::<Any>(&written(&Any::String(text.to_owned()))).unwrap(),
            Any::String(text.to_owned())
        );
    }
    // XML 1.0 has no way to say these.
    assert_eq!(written(&"a\u{0}\u{b}b".to_owned()), "<v>ab</v>");
    let bytes = Binary(vec![0, 1, 254, 255]);
    assert_eq!(read::<Binary>(&written(&bytes)).unwrap(), bytes);
    assert_eq!(read::<String>("<a><![CDATA[<raw>]]>&#65;</a>").unwrap(), "<raw>A");
}

#[test]
fn secrets_are_not_shown() {
    let login = Login { password: Secret::new("hunter2"), ..Default::default() };
    assert!(!format!("{login:?}").contains("hunter2"));
    let mut writer = Writer::new(NEW);
    login.write(&mut writer);
    assert!(writer.as_str().contains("<password>hunter2</password>"));
    // Nor what an error is about.
    let error = read::<i32>("<a>hunter2</a>").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
