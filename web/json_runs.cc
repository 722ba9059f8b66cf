// Runs as objects: as JSON, and the bodies that change them.
#include <optional>
#include <utility>

#include "base/str.h"
#include "web/json.h"
#include "web/json_internal.h"

namespace spirogram::web {
namespace {

const char* EndName(store::RunEnd end) {
  switch (end) {
    case store::RunEnd::kNotSaid:
      return nullptr;
    case store::RunEnd::kSuccess:
      return "success";
    case store::RunEnd::kFailure:
      return "failure";
    case store::RunEnd::kStop:
      return "stop";
    case store::RunEnd::kUnknown:
      return "unknown";
  }
  return nullptr;
}

Json OrNull(bool is_there, Json value) {
  return is_there ? std::move(value) : Json(nullptr);
}

Json ToJson(const store::RunEvidence& evidence) {
  const char* end = EndName(evidence.end);
  const Json torn = {{"file", evidence.torn_file},
                     {"offset", evidence.torn_offset},
                     {"bytes", evidence.torn_bytes}};
  return {{"said", end == nullptr ? Json(nullptr) : Json(end)},
          {"said_time", evidence.end_time ? JsonNumber(*evidence.end_time) : Json(nullptr)},
          {"sessions", evidence.sessions},
          {"usual_gap", OrNull(evidence.usual_gap_s > 0, JsonNumber(evidence.usual_gap_s))},
          {"silence_limit", JsonNumber(store::SilenceLimit(evidence))},
          {"torn_record", OrNull(!evidence.torn_file.empty(), torn)}};
}

std::string_view Shown(const store::Run& run) {
  return run.labels.name.empty() ? run.name : run.labels.name;
}

// null is the empty text: a JSON merge removes what it sets to null.
Status ReadText(const std::string& name, const Json& value, std::optional<std::string>* text) {
  if (!value.is_null() && !value.is_string()) return FieldError(name, value, "a text or null");
  *text = value.is_null() ? "" : value.get<std::string>();
  return {};
}

Status ReadFlag(const std::string& name, const Json& value, std::optional<bool>* flag) {
  if (!value.is_null() && !value.is_boolean()) return FieldError(name, value, "true or false");
  *flag = !value.is_null() && value.get<bool>();
  return {};
}

Result<std::vector<std::string>> ReadTexts(const std::string& name, const Json& value) {
  std::vector<std::string> texts;
  if (value.is_null()) return texts;
  if (!value.is_array()) return FieldError(name, value, "a list of texts");
  if (value.size() > 4 * store::kRunTagsMax) {
    return InvalidArgument(
        StrCat("field ", name, ": got ", value.size(), " tags, want at most ", store::kRunTagsMax));
  }
  for (const Json& item : value) {
    if (!item.is_string()) return FieldError(name, item, "a text");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Status ReadEditField(const std::string& name, const Json& value, bool is_bulk,
                     store::RunEdit* edit) {
  if (name == "name" && !is_bulk) return ReadText(name, value, &edit->name);
  if (name == "note" && !is_bulk) return ReadText(name, value, &edit->note);
  if (name == "colour") return ReadText(name, value, &edit->colour);
  if (name == "is_archived") return ReadFlag(name, value, &edit->is_archived);
  if (name == "is_pinned") return ReadFlag(name, value, &edit->is_pinned);
  if (name == "tags") {
    ASSIGN_OR_RETURN(edit->tags, ReadTexts(name, value));
    return {};
  }
  if (name == "add_tags" && is_bulk) {
    ASSIGN_OR_RETURN(edit->add_tags, ReadTexts(name, value));
    return {};
  }
  if (name == "remove_tags" && is_bulk) {
    ASSIGN_OR_RETURN(edit->remove_tags, ReadTexts(name, value));
    return {};
  }
  return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
}

Result<store::RunEdit> ReadEdit(const Json& json, bool is_bulk) {
  if (!json.is_object()) return FieldError("edit", json, "an object");
  store::RunEdit edit;
  for (const auto& [name, value] : json.items()) {
    RETURN_IF_ERROR(ReadEditField(name, value, is_bulk, &edit));
  }
  return edit;
}

Result<store::RunChange::Action> ReadAction(const Json& value) {
  using Action = store::RunChange::Action;
  if (value == "edit") return Action::kEdit;
  if (value == "delete") return Action::kDelete;
  if (value == "restore") return Action::kRestore;
  if (value == "purge") return Action::kPurge;
  return FieldError("action", value, "\"edit\", \"delete\", \"restore\" or \"purge\"");
}

Result<Json> ReadObject(std::string_view text) {
  std::optional<Json> json = ParseJsonObject(text);
  if (!json) return InvalidArgument("the body is not one JSON object with each field once");
  return *std::move(json);
}

Result<bool> ReadDeleteFiles(const Json& value) {
  if (!value.is_boolean()) return FieldError("delete_files", value, "true or false");
  return value.get<bool>();
}

// A field that would be ignored is a mistake of the caller's.
Status CheckBulkFields(const Json& json, store::RunChange::Action action) {
  for (const char* required : {"runs", "action"}) {
    if (!json.contains(required)) return InvalidArgument(StrCat("field ", required, ": missing"));
  }
  const bool is_edit = action == store::RunChange::Action::kEdit;
  if (is_edit != json.contains("edit")) {
    return InvalidArgument("field edit: wanted with the action \"edit\", and with it alone");
  }
  if (json.contains("delete_files") && action != store::RunChange::Action::kPurge) {
    return InvalidArgument("field delete_files: wanted with the action \"purge\" alone");
  }
  return {};
}

}  // namespace

Json ToJson(const store::Run& run) {
  const store::RunLabels& labels = run.labels;
  return {{"id", run.id},
          {"name", Shown(run)},
          {"path", run.name},
          {"status", store::RunStatusName(run.status)},
          {"status_reason", run.status_reason},
          {"evidence", ToJson(run.evidence)},
          {"start_time", JsonNumber(run.start_time)},
          {"last_wall_time", JsonNumber(run.last_wall_time)},
          {"last_step", run.last_step},
          {"points", run.points},
          {"bytes_read", run.bytes_read},
          {"bytes_on_disk", run.bytes_on_disk},
          {"note", labels.note},
          {"note_bytes", labels.note_bytes},
          {"tags", labels.tags},
          {"colour", OrNull(!labels.colour.empty(), labels.colour)},
          {"is_archived", labels.is_archived},
          {"is_pinned", labels.is_pinned},
          {"deleted_time", labels.deleted_time ? JsonNumber(*labels.deleted_time) : Json(nullptr)},
          {"purge", store::PurgeStateName(labels.purge)},
          {"revision", labels.revision}};
}

std::string RunJson(const store::Run& run) {
  return Dump(ToJson(run));
}

std::string RunsJson(std::span<const store::Run> runs) {
  return Dump({{"runs", JsonArray(runs, [](const auto& run) { return ToJson(run); })}});
}

std::string RunSizesJson(std::span<const store::RunSize> sizes) {
  const auto to_json = [](const store::RunSize& size) {
    return Json{{"run", size.run},
                {"disk_bytes", size.disk_bytes},
                {"database_bytes", size.database_bytes}};
  };
  return Dump({{"runs", JsonArray(sizes, to_json)}});
}

Result<store::RunEdit> ParseRunEdit(std::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ReadObject(text));
  return ReadEdit(json, /*is_bulk=*/false);
}

Result<bool> ParsePurge(std::string_view text) {
  if (text.empty()) return false;
  ASSIGN_OR_RETURN(const Json json, ReadObject(text));
  for (const auto& [name, value] : json.items()) {
    if (name != "delete_files")
      return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
  }
  if (!json.contains("delete_files")) return false;
  return ReadDeleteFiles(json.at("delete_files"));
}

Result<store::RunChange> ParseRunChange(std::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ReadObject(text));
  store::RunChange change;
  for (const auto& [name, value] : json.items()) {
    if (name == "runs") {
      ASSIGN_OR_RETURN(change.runs, ParseRunIds(value));
    } else if (name == "action") {
      ASSIGN_OR_RETURN(change.action, ReadAction(value));
    } else if (name == "edit") {
      ASSIGN_OR_RETURN(change.edit, ReadEdit(value, /*is_bulk=*/true));
    } else if (name == "delete_files") {
      ASSIGN_OR_RETURN(change.delete_files, ReadDeleteFiles(value));
    } else {
      return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
    }
  }
  RETURN_IF_ERROR(CheckBulkFields(json, change.action));
  return change;
}

}  // namespace spirogram::web
