// What the store holds, in formats that other programs read: the one exporter behind
// `spirogram export` and GET /api/v1/export.
//
// An export is pulled part by part, so that neither the program nor the server ever holds more of
// it than a part (a few MiB). docs/formats.md describes what each format holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "store/store.h"

namespace spirogram::transfer {

enum class Format { kCsv, kJson, kJsonLines, kArrow, kEvents };

// "csv", "json", "jsonl", "arrow", "events"; kInvalidArgument for another name.
Result<Format> ParseFormat(std::string_view name);

struct FormatInfo {
  std::string_view name;
  std::string_view media_type;
  std::string_view extension;  // with its dot
};
const FormatInfo& InfoOf(Format format);

struct ExportQuery {
  Format format = Format::kCsv;
  std::vector<store::RunId> runs = {};  // empty: all
  // RE2 expressions that are searched for in the name; empty: all.
  std::string run_regex = {};
  std::string tag_regex = {};
  std::optional<std::string> tag = {};  // exactly this one; none: all
  Step from = INT64_MIN;
  Step to = INT64_MAX;
  bool with_hidden = false;  // also points that the restart rule hides; not for events
  bool wide = false;         // CSV with a column per tag
};

// Not thread-safe, but may move from thread to thread between calls. The store outlives it.
class Export {
 public:
  // Chooses what to export. kNotFound when nothing fits; kInvalidArgument for a malformed
  // expression, for options that the format does not know, and for events of more than one run.
  static Result<std::unique_ptr<Export>> Open(store::Store& store, const ExportQuery& query);

  virtual ~Export() = default;

  // The next bytes; empty at the end. After an Error what was told so far is not whole.
  virtual Result<std::string> NextPart() = 0;
};

// The runs that a query chooses, by name.
Result<std::vector<store::Run>> SelectRuns(store::Store& store, const ExportQuery& query);

}  // namespace spirogram::transfer
