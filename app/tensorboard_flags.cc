#include "app/tensorboard_flags.h"

#include <algorithm>
#include <iterator>

namespace spirogram::app {
namespace {

struct Answer {
  std::string_view flag;
  std::string_view text;
};

constexpr std::string_view kAllFiles = "all event files of a folder are always followed";
constexpr std::string_view kOneLoader = "there is one loader, which takes what cores are free";
constexpr std::string_view kCheck = "`spirogram check` and `spirogram export` look into runs";

constexpr Answer kAnswers[] = {
    {"--samples_per_plugin", "every value is kept and shown"},
    {"--reload_interval",
     "new values are seen at once; --reload-interval-ms is for file systems that do not notify"},
    {"--reload_multifile", kAllFiles},
    {"--reload_multifile_inactive_secs", kAllFiles},
    {"--max_reload_threads", kOneLoader},
    {"--reload_task", kOneLoader},
    {"--load_fast", kOneLoader},
    {"--generic_data", kOneLoader},
    {"--grpc_data_provider", kOneLoader},
    {"--purge_orphaned_data", "values that a restart takes back are hidden, not thrown away"},
    {"--logdir_spec", "give --logdir the folder that holds the runs, or links to them"},
    {"--window_title", "pages are called after the log directory"},
    {"--inspect", kCheck},
    {"--event_file", kCheck},
    {"--tag", kCheck},
};

}  // namespace

std::string_view InPlaceOfTensorBoards(std::string_view flag) {
  const auto* answer = std::find_if(std::begin(kAnswers), std::end(kAnswers),
                                    [&](const Answer& one) { return one.flag == flag; });
  return answer == std::end(kAnswers) ? std::string_view() : answer->text;
}

}  // namespace spirogram::app
