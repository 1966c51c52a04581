//! `[[area]]`: where, and the channels that cover it.

use std::path::PathBuf;

use pushcast_cbs::area::Area;
use serde::Deserialize;

use crate::cbc::{self, LinkSpec};
use crate::model::{AreaName, Channel, ChannelName, ServiceArea};

use super::document::Section;
use super::error::Problem;
use super::reader::Reader;

/// An area as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: AreaName,
    channels: Vec<ChannelName>,
    #[serde(default)]
    cells: Vec<String>,
    #[serde(default)]
    sai: Vec<u16>,
    geojson_file: Option<PathBuf>,
}

impl Reader<'_> {
    pub(super) fn areas(
        &mut self,
        sections: &[Section<'_>],
        channels: &[Channel],
        cbcs: &[LinkSpec],
    ) -> Vec<ServiceArea> {
        let mut areas = Vec::new();
        for section in sections {
            let entry = section.read::<Entry>(&["name", "channels"], &mut self.findings);
            let Some(entry) = entry else {
                continue;
            };
            self.ways_out(section, &entry.channels);
            let area = self.area(section, entry);
            let centres = channels.iter().filter_map(Channel::as_cbs);
            for channel in centres.filter(|channel| area.channels.contains(&channel.name)) {
                let cbc = cbcs.iter().find(|cbc| cbc.name == channel.link);
                let problem = match cbc {
                    _ if area.cells.is_empty() => Problem::NoCells {
                        channel: channel.name.clone(),
                    },
                    Some(cbc) => match cbc::areas_of(&area.cells, cbc.capabilities()) {
                        Ok(_) => continue,
                        Err(error) => Problem::NotCarried {
                            channel: channel.name.clone(),
                            what: error.to_string(),
                        },
                    },
                    None => continue,
                };
                self.findings.add(section.line_of("cells"), problem);
            }
            areas.push(area);
        }
        areas
    }

    /// Cells as written, and the shapes of the file beside them.
    fn area(&mut self, section: &Section<'_>, entry: Entry) -> ServiceArea {
        let mut cells = Vec::new();
        for (position, text) in entry.cells.into_iter().enumerate() {
            match text.parse::<Area>() {
                Ok(_) => cells.push(text),
                Err(source) => {
                    let line = section.line_of_item("cells", position);
                    self.findings.add(line, Problem::Cells { text, source });
                }
            }
        }
        if let Some(file) = entry.geojson_file {
            match cbc::polygons_of_file(&self.folder.join(file)) {
                Ok(polygons) => cells.extend(polygons),
                Err(error) => self.findings.add(section.line_of("geojson_file"), error),
            }
        }
        ServiceArea {
            name: entry.name,
            channels: entry.channels,
            cells,
            sai: entry.sai,
        }
    }
}
