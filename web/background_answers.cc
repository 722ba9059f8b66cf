#include "web/background_answers.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/str.h"
#include "projector/threads.h"

namespace spirogram::web {
namespace {

Result<std::string> Run(const BackgroundAnswers::Compute& compute, const std::stop_token& stop) {
  try {
    return compute(stop);
  } catch (const std::exception& exception) {
    return Exhausted(StrCat("the computation failed: ", exception.what()));  // mostly memory
  }
}

}  // namespace

BackgroundAnswers::BackgroundAnswers()
    : worker_([this](const std::stop_token& stop) { Work(stop); }) {}

BackgroundAnswers::~BackgroundAnswers() {
  worker_.request_stop();
  worker_.join();
}

Result<std::shared_ptr<const std::string>> BackgroundAnswers::Ask(const std::string& key,
                                                                  Compute compute) {
  std::lock_guard lock(mutex_);
  const auto kept =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) { return one.key == key; });
  if (kept != kept_.end()) {
    Answer answer = kept->answer;
    if (answer.ok()) {
      kept_.splice(kept_.end(), kept_, kept);
    } else {
      kept_.erase(kept);
    }
    return answer;
  }
  const std::shared_ptr<const std::string> under_way;
  const bool is_asked =
      computing_ == key || std::any_of(waiting_.begin(), waiting_.end(),
                                       [&](const Task& task) { return task.key == key; });
  if (is_asked) return under_way;
  if (waiting_.size() >= kWaitingMax) {
    return Exhausted(StrCat(kWaitingMax, " computations are waiting already; try again later"));
  }
  waiting_.push_back({key, std::move(compute)});
  asked_.notify_one();
  return under_way;
}

void BackgroundAnswers::Work(const std::stop_token& stop) {
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      if (!asked_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      if (stop.stop_requested()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
      computing_ = task.key;
    }
    Result<std::string> body = Cancelled("stopped");
    // Not on this thread: whoever holds the lock should not be of the lowest priority.
    projector::ThreadPool(1, projector::Courtesy::kYield)
        .ForBlocks(1, 1, stop, [&](int64_t, int64_t) { body = Run(task.compute, stop); });
    Answer answer = body.ok() ? Answer(std::make_shared<const std::string>(std::move(*body)))
                              : Answer(body.error());
    std::lock_guard lock(mutex_);
    computing_.clear();
    Keep({std::move(task.key), std::move(answer)});
  }
}

void BackgroundAnswers::Keep(Kept kept) {
  kept_.push_back(std::move(kept));
  size_t bytes = 0;
  for (const Kept& one : kept_) bytes += one.answer.ok() ? (*one.answer)->size() : 0;
  while (kept_.size() > 1 && (kept_.size() > kKeptMax || bytes > kKeptBytesMax)) {
    if (kept_.front().answer.ok()) bytes -= (*kept_.front().answer)->size();
    kept_.pop_front();
  }
}

}  // namespace spirogram::web
