#include "transfer/export.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "web/body_source.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr size_t kRunsMax = 1000;

class ExportBody : public BodySource {
 public:
  ExportBody(std::unique_ptr<transfer::Export> source, Slots::Slot slot)
      : source_(std::move(source)), slot_(std::move(slot)) {}

  Result<std::string> NextPart() override {
    auto part = source_->NextPart();
    if (!part.ok()) LogWarning(StrCat("export: ", part.error().ToString()));
    return part;
  }

 private:
  std::unique_ptr<transfer::Export> source_;
  Slots::Slot slot_;
};

Result<bool> OptionalFlag(const Query& query, std::string_view name) {
  ASSIGN_OR_RETURN(const int64_t flag, query.Integer(name, {0, 1}, 0));
  return flag != 0;
}

Result<transfer::ExportQuery> ParseExportQuery(const Call& call) {
  const Query& query = call.query;
  transfer::ExportQuery chosen;
  // One that is missing is told what there is, as one that is unknown.
  const std::string* format = query.Find("format");
  ASSIGN_OR_RETURN(chosen.format, transfer::ParseFormat(format == nullptr ? "" : *format));
  ASSIGN_OR_RETURN(chosen.runs, query.Ids("run", kRunsMax));
  ASSIGN_OR_RETURN(chosen.tag, OptionalTag(call, "tag", chosen.runs));
  if (const std::string* regex = query.Find("tag_regex")) chosen.tag_regex = *regex;
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(query));
  chosen.from = range.from;
  chosen.to = range.to;
  ASSIGN_OR_RETURN(chosen.with_hidden, OptionalFlag(query, "all"));
  ASSIGN_OR_RETURN(chosen.wide, OptionalFlag(query, "wide"));
  return chosen;
}

bool IsFileNameLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.';
}

// Of one tag by its name, "loss_train" for "loss/train": letters that no system minds.
std::string StemOf(const transfer::ExportQuery& query) {
  constexpr size_t kStemBytesMax = 80;
  std::string stem;
  for (const char c : query.tag.value_or("").substr(0, kStemBytesMax)) {
    if (IsFileNameLetter(c)) {
      stem.push_back(c);
    } else if (!stem.empty() && stem.back() != '_') {
      stem.push_back('_');
    }
  }
  const bool is_hidden = stem.starts_with('.');
  return stem.empty() || is_hidden ? "spirogram" : stem;
}

}  // namespace

Result<Response> HandleExport(const Call& call) {
  ASSIGN_OR_RETURN(const transfer::ExportQuery query, ParseExportQuery(call));
  Slots::Slot slot = call.context.exports.Take();
  if (!slot.is_held()) return Exhausted("too many exports are under way: try again later");
  ASSIGN_OR_RETURN(auto source, transfer::Export::Open(call.context.store, query));
  const transfer::FormatInfo& format = transfer::InfoOf(query.format);
  Response response;
  response.Set("Content-Type", format.media_type);
  // An event file is one by its name; of the others the ending is what programs look at.
  const bool is_events = query.format == transfer::Format::kEvents;
  response.Set("Content-Disposition",
               is_events
                   ? "attachment; filename=\"events.out.tfevents.0.export\""
                   : StrCat("attachment; filename=\"", StemOf(query), format.extension, "\""));
  response.stream = std::make_shared<ExportBody>(std::move(source), std::move(slot));
  return response;
}

}  // namespace spirogram::web
