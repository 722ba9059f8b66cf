// Query strings and form bodies as TensorBoard reads them: a name may repeat, the first one counts
// where one is wanted, and names that nobody asks for are ignored. (web/query.h is stricter: it is
// for routes of our own.)
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spirogram::web::tensorboard {

// Immutable.
class Parameters {
 public:
  static constexpr size_t kCountMax = 10'000;

  // "run=a&run=b%20c": application/x-www-form-urlencoded. kInvalidArgument for a bad escape, bytes
  // that are not UTF-8, and more than kCountMax parameters.
  static Result<Parameters> Parse(std::string_view text);

  // multipart/form-data, which browsers send for a FormData; `content_type` names the boundary.
  // Parts with a file name are kInvalidArgument.
  static Result<Parameters> ParseMultipart(std::string_view content_type, std::string_view body);

  // The first value of that name, or nullptr.
  const std::string* Find(std::string_view name) const;
  std::vector<std::string> All(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace spirogram::web::tensorboard
