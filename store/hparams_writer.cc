#include "store/hparams_writer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "store/hparams_content.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

Result<std::vector<HparamsMessage>> SelectMessages(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT content FROM hparams_messages WHERE run_id = ?1"));
  select.Bind(run);
  std::vector<HparamsMessage> messages;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return messages;
    ASSIGN_OR_RETURN(HparamsMessage message, ParseHparamsMessage(select.Bytes(0)));
    messages.push_back(std::move(message));
  }
}

struct HparamsTag {
  int64_t id = 0;
  std::string content;  // of its first message
};

Result<std::vector<HparamsTag>> SelectHparamsTags(Database& database, RunId run) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT tag_id, content FROM tags WHERE run_id = ?1 AND kind = ?2"));
  select.Bind(run, static_cast<int>(DataKind::kHparams));
  std::vector<HparamsTag> tags;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tags;
    tags.push_back({select.Int(0), std::string(select.Bytes(1))});
  }
}

Status SetCount(Database& database, RunId run, int64_t tag, int64_t count) {
  if (count == 0) {
    ASSIGN_OR_RETURN(Statement remove,
                     database.Prepare("DELETE FROM tags WHERE run_id = ?1 AND tag_id = ?2"));
    return remove.Bind(run, tag).Run();
  }
  ASSIGN_OR_RETURN(
      Statement update,
      database.Prepare("UPDATE tags SET count = ?3 WHERE run_id = ?1 AND tag_id = ?2"));
  return update.Bind(run, tag, count).Run();
}

// No row is kept of those that say nothing: their tag stays as long as the run states anything.
bool IsKept(const Result<HparamsMessage>& message) {
  return message.ok() && (message->experiment || message->start || message->end);
}

}  // namespace

Status WriteHparamsMessages(Database& database, const RunBatch& run) {
  for (const PendingHparamsMessage& message : run.hparams_messages) {
    ASSIGN_OR_RETURN(Statement insert, database.Prepare("INSERT INTO hparams_messages VALUES "
                                                        "(?1, ?2, ?3, ?4, ?5)"));
    RETURN_IF_ERROR(insert
                        .Bind(run.id, message.session_id, message.position, message.wall_time,
                              Blob{message.content})
                        .Run());
  }
  return {};
}

Status ReplaceHparams(Database& database, RunId run, int64_t session_id, const Hparams& hparams) {
  ASSIGN_OR_RETURN(Statement remove, database.Prepare("DELETE FROM hparams WHERE run_id = ?1"));
  RETURN_IF_ERROR(remove.Bind(run).Run());
  for (const auto& [name, value] : hparams) {
    const double number =
        value.type == HparamValue::Type::kBool ? (value.boolean ? 1.0 : 0.0) : value.number;
    ASSIGN_OR_RETURN(Statement insert, database.Prepare("INSERT INTO hparams VALUES "
                                                        "(?1, ?2, ?3, ?4, ?5, ?6)"));
    RETURN_IF_ERROR(
        insert.Bind(run, name, session_id, static_cast<int>(value.type), number, value.text).Run());
  }
  return {};
}

Status RestoreHparams(Database& database, RunId run) {
  int64_t session_id = 0;
  std::optional<SessionStartInfo> last;
  {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare("SELECT session_id, content FROM hparams_messages WHERE "
                                      "run_id = ?1 AND NOT EXISTS (SELECT 1 FROM hparams WHERE "
                                      "run_id = ?1) ORDER BY wall_time, session_id, position"));
    select.Bind(run);
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      ASSIGN_OR_RETURN(HparamsMessage message, ParseHparamsMessage(select.Bytes(1)));
      if (!message.start) continue;
      session_id = select.Int(0);
      last = std::move(message.start);
    }
  }
  return last ? ReplaceHparams(database, run, session_id, last->hparams) : Status();
}

// No row says which tag a message is of: it is of the one whose first message has the same parts.
Status RecountHparamsTags(Database& database, RunId run) {
  ASSIGN_OR_RETURN(const std::vector<HparamsMessage> messages, SelectMessages(database, run));
  ASSIGN_OR_RETURN(const std::vector<HparamsTag> tags, SelectHparamsTags(database, run));
  for (const HparamsTag& tag : tags) {
    const Result<HparamsMessage> first = ParseHparamsMessage(tag.content);
    if (!messages.empty() && !IsKept(first)) continue;
    const auto count = std::ranges::count_if(
        messages, [&](const HparamsMessage& message) { return HasSameParts(message, *first); });
    RETURN_IF_ERROR(SetCount(database, run, tag.id, count));
  }
  return {};
}

}  // namespace spirogram::store
