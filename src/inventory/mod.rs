//! The inventory: datacenters, folders, resource pools, tags and custom attributes; alarms and licenses.
pub mod about;
pub mod alarm;
pub mod custom_attribute;
pub mod datacenter;
pub mod dynamic;
pub mod folder;
pub mod license;
pub mod pools;
pub mod resource_pool;
pub mod tag;
pub mod tag_attachment;
pub mod tag_category;
pub mod tagged_objects;
pub mod vapp_container;
pub mod vapp_entity;

types! {
    resource alarm::Alarm,
    resource custom_attribute::CustomAttribute,
    resource datacenter::Datacenter,
    resource folder::Folder,
    resource license::License,
    resource resource_pool::ResourcePool,
    resource tag::Tag,
    resource tag_attachment::TagAttachment,
    resource tag_category::TagCategory,
    resource vapp_container::VappContainer,
    resource vapp_entity::VappEntity,
    data_source about::About,
    data_source alarm::data_source::Alarm,
    data_source custom_attribute::data_source::CustomAttribute,
    data_source datacenter::data_source::Datacenter,
    data_source dynamic::Dynamic,
    data_source folder::data_source::Folder,
    data_source license::data_source::License,
    data_source resource_pool::data_source::ResourcePool,
    data_source tag::data_source::Tag,
    data_source tag_category::data_source::TagCategory,
    data_source tagged_objects::TaggedObjects,
    data_source vapp_container::data_source::VappContainer,
}
