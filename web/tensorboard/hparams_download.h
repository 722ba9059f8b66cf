// The table of session groups as a file. Pure.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "web/tensorboard/hparams_table.h"

namespace spirogram::web::tensorboard {

// monostate: a metric that the group does not have. A missing hyperparameter is an empty text.
using DownloadCell = std::variant<std::monostate, bool, double, std::string>;

struct DownloadTable {
  std::vector<std::string> header;
  std::vector<std::vector<DownloadCell>> rows;
};

// Hyperparameters, then metrics; column i where visibility[i] is true, none beyond its end.
DownloadTable MakeDownload(const HparamsColumns& columns, std::span<const SessionGroup> groups,
                           const std::vector<bool>& visibility);

std::string DownloadJson(const DownloadTable& table);   // {"header": [...], "rows": [[...]]}
std::string DownloadCsv(const DownloadTable& table);    // as Python's csv.writer writes it
std::string DownloadLatex(const DownloadTable& table);  // a tabular in a table

}  // namespace spirogram::web::tensorboard
