// Experiments and sessions out of the messages that runs logged.
#include <map>
#include <optional>
#include <utility>

#include "base/str.h"
#include "store/hparams_content.h"
#include "store/kind_reader.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

// What a run stated, each the last that was stated.
struct Stated {
  std::optional<HparamsExperiment> experiment;
  std::optional<SessionStartInfo> start;
  std::optional<SessionEndInfo> end;
};

HparamsSession MakeSession(RunId run, Stated&& stated) {
  HparamsSession session;
  session.run = run;
  session.hparams = std::move(stated.start->hparams);
  session.model_uri = std::move(stated.start->model_uri);
  session.monitor_url = std::move(stated.start->monitor_url);
  session.group_name = std::move(stated.start->group_name);
  session.start_time = stated.start->start_time;
  session.status = stated.end ? stated.end->status : HparamsStatus::kRunning;
  session.end_time = stated.end ? stated.end->end_time : 0;
  return session;
}

}  // namespace

Result<HparamsData> SelectHparamsData(Database& database) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(StrCat("SELECT run_id, content FROM hparams_messages "
                              "WHERE ",
                              kIsNotDeleted, "ORDER BY run_id, wall_time, session_id, position")));
  std::map<RunId, Stated> runs;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    ASSIGN_OR_RETURN(HparamsMessage message, ParseHparamsMessage(select.Bytes(1)));
    Stated& stated = runs[select.Int(0)];
    if (message.experiment) stated.experiment = std::move(message.experiment);
    if (message.start) {
      stated.start = std::move(message.start);
      stated.end.reset();  // a run that starts again runs again
    }
    if (message.end) stated.end = message.end;
  }
  HparamsData data;
  for (auto& [run, stated] : runs) {
    if (stated.experiment) {
      stated.experiment->run = run;
      data.experiments.push_back(std::move(*stated.experiment));
    }
    if (stated.start) data.sessions.push_back(MakeSession(run, std::move(stated)));
  }
  return data;
}

}  // namespace spirogram::store
