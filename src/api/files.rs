//! Decodes a Plug's `bind.files`.

use super::reader::ObjectReader;
use super::rules::{FILE_PATH, MODE, MOUNT_PATH, NAME, TEMPLATE};
use super::{FileItem, FileValue, FilesBinding};
use crate::manifest::NodeId;

impl ObjectReader<'_> {
    pub(super) fn files_binding(&mut self, id: NodeId) -> Option<FilesBinding> {
        let [mount_path, items] = self.fields(id, ["mountPath", "items"])?;
        let mount_path = mount_path.and_then(|path| self.text(path, &MOUNT_PATH));
        let items = items.map(|list| self.file_items(list));
        Some(FilesBinding {
            mount_path,
            items,
            at: self.at(id),
        })
    }

    fn file_items(&mut self, list: NodeId) -> Vec<FileItem> {
        let items = self.each(list, 1, 256, Self::file_item);
        let paths: Vec<_> = items.iter().map(|item| item.path.clone()).collect();
        self.once(&paths);
        items
    }

    fn file_item(&mut self, item: NodeId) -> Option<FileItem> {
        let [path, key, value, mode] = self.fields(item, ["path", "key", "value", "mode"])?;
        if path.is_none() {
            self.missing(item, "path");
        }
        let path = path.and_then(|path| self.text(path, &FILE_PATH));
        let one = self.exactly_one(item, &[("key", key), ("value", value)]);
        let key = key
            .and_then(|key| self.text(key, &NAME))
            .map(FileValue::Key);
        let value = value
            .and_then(|value| self.text(value, &TEMPLATE))
            .map(FileValue::Template);
        let mode = mode.and_then(|mode| self.text(mode, &MODE));
        Some(FileItem {
            path: path?,
            value: key.or(value).filter(|_| one)?,
            mode: mode.and_then(|mode| u16::from_str_radix(&mode.value, 8).ok()),
        })
    }
}
