#include "transfer/export.h"

#include <array>
#include <utility>

#include "base/str.h"
#include "transfer/arrow_format.h"
#include "transfer/events_export.h"
#include "transfer/points_export.h"
#include "transfer/selection.h"
#include "transfer/text_format.h"
#include "transfer/wide_export.h"

namespace spirogram::transfer {
namespace {

constexpr std::array<FormatInfo, 5> kFormats = {{
    {"csv", "text/csv; charset=utf-8", ".csv"},
    {"json", "application/json", ".json"},
    {"jsonl", "application/jsonl", ".jsonl"},
    {"arrow", "application/vnd.apache.arrow.file", ".arrow"},
    {"events", "application/octet-stream", ".tfevents"},
}};

std::unique_ptr<PointsFormat> MakeFormat(Format format) {
  if (format == Format::kArrow) return MakeArrowFormat();
  if (format == Format::kJson) return MakeJsonFormat();
  if (format == Format::kJsonLines) return MakeJsonLinesFormat();
  return MakeCsvFormat();
}

Result<std::unique_ptr<Export>> OpenEvents(store::Store& store, const ExportQuery& query) {
  if (query.with_hidden) return InvalidArgument("all: event files hold what is visible alone");
  ASSIGN_OR_RETURN(std::vector<RunSelection> selection, Select(store, query, false));
  if (selection.size() > 1) {
    return InvalidArgument(
        StrCat("format events: an event file holds one run, the query chooses ", selection.size()));
  }
  return MakeEventsExport(store, query, std::move(selection.front()));
}

}  // namespace

Result<Format> ParseFormat(std::string_view name) {
  for (size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].name == name) return static_cast<Format>(i);
  }
  return InvalidArgument(
      StrCat("format: got ", Quoted(name), ", want csv, json, jsonl, arrow or events"));
}

const FormatInfo& InfoOf(Format format) {
  return kFormats[static_cast<size_t>(format)];
}

Result<std::unique_ptr<Export>> Export::Open(store::Store& store, const ExportQuery& query) {
  if (query.wide && query.format != Format::kCsv) {
    return InvalidArgument("wide: only CSV has a wide form");
  }
  if (query.format == Format::kEvents) return OpenEvents(store, query);
  ASSIGN_OR_RETURN(std::vector<RunSelection> selection, Select(store, query, true));
  if (query.wide) return MakeWideExport(store, query, std::move(selection));
  return MakePointsExport(store, query, selection, MakeFormat(query.format));
}

}  // namespace spirogram::transfer
