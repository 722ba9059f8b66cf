#include "logger/losses.h"

#include <string_view>

#include "base/record.h"
#include "base/str.h"
#include "proto/event.pb.h"

namespace spirogram::logger {
namespace {

void AppendCause(uint64_t count, std::string_view cause, std::string* text) {
  if (count == 0) return;
  if (!text->empty()) text->append(", ");
  text->append(StrCat(count, " ", cause));
}

}  // namespace

Losses operator-(const Losses& now, const Losses& before) {
  return {.bad_calls = now.bad_calls - before.bad_calls,
          .not_queued = now.not_queued - before.not_queued,
          .not_written = now.not_written - before.not_written};
}

Losses LossCounters::Get() const {
  return {.bad_calls = bad_calls_.load(std::memory_order_relaxed),
          .not_queued = not_queued_.load(std::memory_order_relaxed),
          .not_written = not_written_.load(std::memory_order_relaxed)};
}

std::string LossRecord(const Losses& losses, WallTime wall_time) {
  std::string causes;
  AppendCause(losses.not_written, "could not be written", &causes);
  AppendCause(losses.not_queued, "came faster than they were written", &causes);
  AppendCause(losses.bad_calls, "made no sense", &causes);
  const uint64_t total = losses.total();
  proto::Event event;
  event.set_wall_time(wall_time);
  event.mutable_log_message()->set_level(proto::LogMessage::WARN);
  event.mutable_log_message()->set_message(
      StrCat(total, total == 1 ? " value" : " values", " not logged: ", causes));
  std::string record;
  AppendRecord(event.SerializeAsString(), &record);
  return record;
}

}  // namespace spirogram::logger
