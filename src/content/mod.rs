//! Content libraries and their items.
pub mod content_library;
pub mod content_library_item;
pub mod content_library_items;
mod libraries;

types! {
    resource content_library::ContentLibrary,
    resource content_library_item::ContentLibraryItem,
    data_source content_library::data_source::ContentLibrary,
    data_source content_library_item::data_source::ContentLibraryItem,
    data_source content_library_items::ContentLibraryItems,
}
