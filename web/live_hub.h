// What live pages are told: who hears of which runs and projections, and what each has not read
// yet.
//
// A page's backlog is marks ("this series changed from step a to b"), merged while it does not
// read, so that it is bounded whatever the page does: at most kMarksMax series, the newest frames
// of kFramesMax projections and of those watched, and kErrorsMax answers to bad messages. When the
// marks outgrow that the page is told to ask for everything again ("resync"). The alternative, a
// queue of finished messages per page, grows with a slow page.
//
// No sockets: web/net/ pulls frames when it can send one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "web/projection_jobs.h"

namespace spirogram::web {

using LiveClientId = uint64_t;

struct LiveFrame {
  bool is_binary = false;
  std::shared_ptr<const std::string> bytes;
};

// Thread-safe.
class LiveHub {
 public:
  static constexpr size_t kMarksMax = 4096;
  static constexpr size_t kErrorsMax = 8;
  static constexpr size_t kWatchedMax = 16;
  static constexpr size_t kFramesMax = 32;  // unread, of projections that have ended too
  static constexpr size_t kClientsMax = 512;

  // `get_progress` says how far the store is when a frame is made: a commit's listener must not
  // ask. `read_projection` gives the state of a projection to a page that begins to watch it.
  LiveHub(std::string version, std::function<store::LoadProgress()> get_progress,
          std::function<Result<ProjectionSnapshot>(int64_t)> read_projection);

  // `wake` is called from any thread, without a lock, when a frame is there to be taken; a call or
  // two may still come after Leave. The first frame is the hello. kExhausted above kClientsMax.
  Result<LiveClientId> Join(std::function<void()> wake);
  void Leave(LiveClientId id);

  // A text message of the client. What it gets wrong is answered with an error frame.
  void Receive(LiveClientId id, std::string_view text);
  // The next frame to send, or nothing until the next wake.
  std::optional<LiveFrame> TakeNext(LiveClientId id);

  void OnCommit(const store::Commit& commit);
  void OnProjection(const ProjectionSnapshot& snapshot);

 private:
  using Series = std::pair<store::RunId, std::string>;

  struct Client {
    std::shared_ptr<const std::function<void()>> wake;
    std::set<store::RunId> runs;  // empty: all
    std::set<int64_t> watched;    // projections
    CoordinateFormat format = CoordinateFormat::kF32;
    bool needs_hello = true;
    bool needs_resync = false;
    bool has_changes = false;  // a commit came that `marks` may say nothing about
    bool runs_changed = false;
    bool findings_changed = false;
    std::map<Series, store::Change> marks;
    std::map<int64_t, std::shared_ptr<const std::string>> frames;  // newest per projection
    std::deque<std::string> errors;
  };

  // All below REQUIRE mutex_.
  void Mark(const store::Commit& commit, Client* client);
  LiveFrame TakeChanges(const store::LoadProgress& progress, Client* client);
  void AddError(std::string_view detail, Client* client);
  void Apply(const std::vector<store::RunId>& runs, Client* client);

  // Without the lock.
  void Watch(LiveClientId id, int64_t projection, std::optional<CoordinateFormat> format);

  const std::string version_;
  const std::function<store::LoadProgress()> get_progress_;
  const std::function<Result<ProjectionSnapshot>(int64_t)> read_projection_;

  std::mutex mutex_;  // guards all below; wake functions are called without it
  std::map<LiveClientId, Client> clients_;
  LiveClientId last_id_ = 0;
  uint64_t sequence_ = 0;  // of the last commit
};

}  // namespace spirogram::web
