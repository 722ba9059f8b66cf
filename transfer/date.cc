#include "transfer/date.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

// Takes what it has read off the front of a text.
class DateReader {
 public:
  explicit DateReader(std::string_view rest) : rest_(rest) {}

  bool is_at_end() const { return rest_.empty(); }

  // A number of exactly so many digits.
  bool TakeDigits(size_t count, int* number) {
    const std::string_view digits = rest_.substr(0, count);
    const bool is_whole =
        digits.size() == count && std::all_of(digits.begin(), digits.end(), IsDigit);
    if (!is_whole) return false;
    rest_.remove_prefix(count);
    *number = ParseNumber<int>(digits).value_or(0);
    return true;
  }
  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeFraction(double* fraction) {
    if (!Take('.') && !Take(',')) return true;
    double unit = 1;
    const std::string_view before = rest_;
    while (!rest_.empty() && IsDigit(rest_[0])) {
      unit /= 10;
      *fraction += unit * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return rest_.size() < before.size();
  }
  // Minutes east of Greenwich.
  bool TakeZone(int* minutes) {
    if (is_at_end() || Take('Z')) return true;
    const bool is_west = Take('-');
    if (!is_west && !Take('+')) return false;
    int hours = 0;
    if (!TakeDigits(2, &hours)) return false;
    Take(':');
    if (!is_at_end() && !TakeDigits(2, minutes)) return false;
    *minutes = (is_west ? -1 : 1) * (60 * hours + *minutes);
    return true;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

}  // namespace

std::optional<WallTime> ParseDate(std::string_view text) {
  DateReader reader(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  double fraction = 0;
  int zone_minutes = 0;
  const bool is_date =
      reader.TakeDigits(4, &year) && reader.Take('-') && reader.TakeDigits(2, &month) &&
      reader.Take('-') && reader.TakeDigits(2, &day) && (reader.Take('T') || reader.Take(' ')) &&
      reader.TakeDigits(2, &hour) && reader.Take(':') && reader.TakeDigits(2, &minute) &&
      reader.Take(':') && reader.TakeDigits(2, &second) && reader.TakeFraction(&fraction) &&
      reader.TakeZone(&zone_minutes) && reader.is_at_end();
  const auto date = std::chrono::year(year) / month / day;
  if (!is_date || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const int seconds = 3600 * hour + 60 * (minute - zone_minutes) + second;
  return 86400.0 * static_cast<double>(days) + seconds + fraction;
}

}  // namespace spirogram::transfer
