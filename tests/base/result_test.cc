#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace spirogram {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument("odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  ASSIGN_OR_RETURN(const int half, Half(n));
  return Half(half);
}

Status IsDivisibleByFour(int n) {
  RETURN_IF_ERROR(Quarter(n));
  return {};
}

TEST(ResultTest, HoldsAValueOrAnError) {
  EXPECT_EQ(Half(4).value(), 2);
  EXPECT_EQ(Half(3).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Half(3).error().ToString(), "invalid_argument: odd");
}

TEST(ResultTest, MacrosPassTheErrorOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_FALSE(Quarter(6).ok());
  EXPECT_TRUE(IsDivisibleByFour(8).ok());
  EXPECT_EQ(IsDivisibleByFour(6).error().message, "odd");
}

TEST(ResultTest, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

TEST(ResultTest, MapsErrno) {
  EXPECT_EQ(ErrnoError("open x", ENOENT).code, ErrorCode::kNotFound);
  EXPECT_EQ(ErrnoError("open x", EACCES).code, ErrorCode::kPermission);
  EXPECT_EQ(ErrnoError("write x", ENOSPC).code, ErrorCode::kExhausted);
  EXPECT_EQ(ErrnoError("open x", ENOENT).message, "open x: No such file or directory");
}

}  // namespace
}  // namespace spirogram
