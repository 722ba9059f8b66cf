#include "web/live_hub.h"

#include <algorithm>

#include "base/str.h"
#include "web/json.h"

namespace spirogram::web {
namespace {

using Wake = std::shared_ptr<const std::function<void()>>;

void CallAll(const std::vector<Wake>& wakes) {
  for (const Wake& wake : wakes) (*wake)();
}

LiveFrame TextFrame(std::string text) {
  return {false, std::make_shared<const std::string>(std::move(text))};
}

}  // namespace

LiveHub::LiveHub(std::string version, std::function<store::LoadProgress()> get_progress,
                 std::function<Result<ProjectionSnapshot>(int64_t)> read_projection)
    : version_(std::move(version)),
      get_progress_(std::move(get_progress)),
      read_projection_(std::move(read_projection)) {}

Result<LiveClientId> LiveHub::Join(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  if (clients_.size() >= kClientsMax) {
    return Exhausted(StrCat(kClientsMax, " live pages are connected already"));
  }
  Client& client = clients_[++last_id_];
  client.wake = std::make_shared<const std::function<void()>>(std::move(wake));
  return last_id_;
}

void LiveHub::Leave(LiveClientId id) {
  std::lock_guard lock(mutex_);
  clients_.erase(id);
}

void LiveHub::Receive(LiveClientId id, std::string_view text) {
  const auto message = ParseLiveMessage(text);
  if (message.ok() && message->type == LiveMessage::Type::kWatchProjection) {
    Watch(id, message->id, message->format);
    return;
  }
  Wake wake;
  {
    std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    if (!message.ok()) {
      AddError(message.error().message, &client);
      wake = client.wake;
    } else if (message->type == LiveMessage::Type::kSubscribe) {
      if (message->format) client.format = *message->format;
      Apply(message->runs, &client);
    } else {
      client.watched.erase(message->id);
      client.frames.erase(message->id);
    }
  }
  if (wake) (*wake)();
}

// The watch begins before the state is read, so that no end of the job falls between the two.
void LiveHub::Watch(LiveClientId id, int64_t projection, std::optional<CoordinateFormat> format) {
  CoordinateFormat wanted;
  {
    std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    if (format) client.format = *format;
    wanted = client.format;
    if (client.watched.size() < kWatchedMax) client.watched.insert(projection);
  }
  const auto snapshot = read_projection_(projection);
  // Of a large map it takes long: commits do not wait for that.
  std::shared_ptr<const std::string> frame;
  if (snapshot.ok()) {
    frame = std::make_shared<const std::string>(ProjectionMessage(*snapshot, wanted));
  }
  Wake wake;
  {
    std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    wake = client.wake;
    const bool is_final = snapshot.ok() && IsFinal(snapshot->projection.state);
    if (!snapshot.ok()) {
      AddError(snapshot.error().message, &client);
    } else if (!is_final && !client.watched.contains(projection)) {
      AddError(StrCat("at most ", kWatchedMax, " projections are watched at a time"), &client);
    } else if (client.frames.size() >= kFramesMax && !client.frames.contains(projection)) {
      AddError(StrCat("at most ", kFramesMax, " projections wait to be read"), &client);
      client.watched.erase(projection);
    } else {
      // A frame that came from the job meanwhile is newer.
      client.frames.try_emplace(projection, std::move(frame));
    }
    if (is_final || !snapshot.ok()) client.watched.erase(projection);
  }
  (*wake)();
}

std::optional<LiveFrame> LiveHub::TakeNext(LiveClientId id) {
  const store::LoadProgress progress = get_progress_();
  std::lock_guard lock(mutex_);
  const auto found = clients_.find(id);
  if (found == clients_.end()) return std::nullopt;
  Client& client = found->second;
  if (client.needs_hello) {
    client.needs_hello = false;
    return TextFrame(HelloJson(version_, sequence_));
  }
  if (!client.errors.empty()) {
    std::string error = std::move(client.errors.front());
    client.errors.pop_front();
    return TextFrame(LiveErrorJson(error));
  }
  if (client.needs_resync || client.has_changes) return TakeChanges(progress, &client);
  if (!client.frames.empty()) {
    const auto frame = client.frames.begin();
    LiveFrame taken{true, std::move(frame->second)};
    client.frames.erase(frame);
    return taken;
  }
  return std::nullopt;
}

void LiveHub::OnCommit(const store::Commit& commit) {
  std::vector<Wake> wakes;
  {
    std::lock_guard lock(mutex_);
    sequence_ = commit.sequence;
    for (auto& [id, client] : clients_) {
      Mark(commit, &client);
      if (client.has_changes) wakes.push_back(client.wake);
    }
  }
  CallAll(wakes);
}

void LiveHub::OnProjection(const ProjectionSnapshot& snapshot) {
  const int64_t id = snapshot.projection.id;
  std::set<CoordinateFormat> formats;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [client_id, client] : clients_) {
      if (client.watched.contains(id)) formats.insert(client.format);
    }
  }
  if (formats.empty()) return;
  std::map<CoordinateFormat, std::shared_ptr<const std::string>> frames;
  for (const CoordinateFormat format : formats) {
    frames[format] = std::make_shared<const std::string>(ProjectionMessage(snapshot, format));
  }
  std::vector<Wake> wakes;
  {
    std::lock_guard lock(mutex_);
    for (auto& [client_id, client] : clients_) {
      if (!client.watched.contains(id)) continue;
      auto& frame = frames[client.format];
      // Whoever began to watch meanwhile may want the other form.
      if (!frame) {
        frame = std::make_shared<const std::string>(ProjectionMessage(snapshot, client.format));
      }
      client.frames[id] = frame;
      if (IsFinal(snapshot.projection.state)) client.watched.erase(id);
      wakes.push_back(client.wake);
    }
  }
  CallAll(wakes);
}

void LiveHub::Mark(const store::Commit& commit, Client* client) {
  client->has_changes = true;
  client->runs_changed |= commit.runs_changed;
  client->findings_changed |= commit.findings_changed;
  if (client->needs_resync) return;
  for (const store::Change& change : commit.changes) {
    if (!client->runs.empty() && !client->runs.contains(change.run)) continue;
    const auto [mark, is_new] = client->marks.try_emplace({change.run, change.tag}, change);
    if (is_new) continue;
    mark->second.first_step = std::min(mark->second.first_step, change.first_step);
    mark->second.last_step = std::max(mark->second.last_step, change.last_step);
  }
  if (client->marks.size() > kMarksMax) {
    client->needs_resync = true;
    client->marks.clear();
  }
}

LiveFrame LiveHub::TakeChanges(const store::LoadProgress& progress, Client* client) {
  store::Commit merged;
  merged.sequence = sequence_;
  merged.runs_changed = std::exchange(client->runs_changed, false);
  merged.findings_changed = std::exchange(client->findings_changed, false);
  for (auto& [series, change] : client->marks) merged.changes.push_back(std::move(change));
  client->marks.clear();
  client->has_changes = false;
  if (std::exchange(client->needs_resync, false)) return TextFrame(ResyncJson(sequence_, progress));
  return TextFrame(ChangesJson(merged, progress));
}

void LiveHub::AddError(std::string_view detail, Client* client) {
  // A page that sends nonsense and does not read the answers misses some of them.
  if (client->errors.size() < kErrorsMax) client->errors.emplace_back(detail);
}

void LiveHub::Apply(const std::vector<store::RunId>& runs, Client* client) {
  client->runs = {runs.begin(), runs.end()};
  if (client->runs.empty()) return;
  std::erase_if(client->marks,
                [&](const auto& mark) { return !client->runs.contains(mark.first.first); });
}

}  // namespace spirogram::web
