// Reads back what a logger wrote, with our own framing and protos.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/record.h"
#include "proto/event.pb.h"

namespace spirogram::testing {

// Paths of the event files in a run's folder, in order of their names.
inline std::vector<std::string> EventFilesIn(const std::string& run_dir) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(run_dir)) {
    const std::string name = entry.path().filename().string();
    if (name.find("tfevents") != std::string::npos) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The events of the valid prefix of `bytes`.
inline std::vector<proto::Event> ParseEvents(std::string_view bytes) {
  std::vector<proto::Event> events;
  while (true) {
    const ParsedRecord record = ParseRecord(bytes);
    if (record.state != RecordState::kRecord) return events;
    proto::Event event;
    if (!event.ParseFromArray(record.data.data(), static_cast<int>(record.data.size()))) {
      return events;
    }
    events.push_back(std::move(event));
    bytes.remove_prefix(record.bytes_used);
  }
}

// All events of all event files of a run.
inline std::vector<proto::Event> ReadEvents(const std::string& run_dir) {
  std::vector<proto::Event> events;
  for (const std::string& path : EventFilesIn(run_dir)) {
    for (auto& event : ParseEvents(ReadFile(path, size_t{1} << 30).value())) {
      events.push_back(std::move(event));
    }
  }
  return events;
}

// What the log messages among the events say.
inline std::vector<std::string> LogMessagesOf(const std::vector<proto::Event>& events) {
  std::vector<std::string> out;
  for (const proto::Event& event : events) {
    if (event.has_log_message()) out.push_back(event.log_message().message());
  }
  return out;
}

// The events with a value of this tag.
inline std::vector<proto::Event> EventsOf(const std::vector<proto::Event>& events,
                                          std::string_view tag) {
  std::vector<proto::Event> out;
  for (const proto::Event& event : events) {
    if (event.summary().value_size() == 1 && event.summary().value(0).tag() == tag) {
      out.push_back(event);
    }
  }
  return out;
}

}  // namespace spirogram::testing
