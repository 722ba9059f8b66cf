// Tables that no saver writes: small files that would take memory or time without end.
#include "store/checkpoint_index.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/wire.h"

namespace spirogram::store {
namespace {

using ::testing::HasSubstr;

std::string TableNumber(uint32_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// Of a key that goes on behind the first `shared` bytes of the one before.
std::string TableEntry(size_t shared, const std::string& rest, const std::string& value) {
  std::string out;
  AppendVarint(shared, &out);
  AppendVarint(rest.size(), &out);
  AppendVarint(value.size(), &out);
  return out + rest + value;
}

// Appends the block and returns its handle.
std::string AppendTableBlock(std::string block, std::string* table, bool is_compressed = false) {
  if (!is_compressed) block += TableNumber(0) + TableNumber(1);  // one restart, at 0
  std::string handle;
  AppendVarint(table->size(), &handle);
  AppendVarint(block.size(), &handle);
  block.push_back(is_compressed ? 1 : 0);
  *table += block + TableNumber(MaskedCrc32c(block));
  return handle;
}

std::string OneShard() {
  return TableEntry(0, "", {"\x08\x01", 2});
}

std::string EndTable(std::string table, const std::string& directory) {
  std::string footer = std::string(2, '\0') + AppendTableBlock(directory, &table);
  footer.resize(40);
  return table + footer + TableNumber(0x8b80fb57) + TableNumber(0xdb477524);
}

// The block stands in the directory `times` times.
std::string IndexOf(const std::string& block, int times, bool is_compressed = false) {
  std::string table;
  const std::string handle = AppendTableBlock(block, &table, is_compressed);
  std::string directory;
  for (int i = 0; i < times; ++i) directory += TableEntry(0, "k", handle);
  return EndTable(std::move(table), directory);
}

TEST(CheckpointIndexTest, BoundsWhatSharedPrefixesStandFor) {
  constexpr size_t kLong = size_t{1} << 20;
  std::string block = OneShard() + TableEntry(0, std::string(kLong, 'k'), "");
  ASSERT_EQ(ParseCheckpointIndex(IndexOf(block, 1))->variables.size(), 1u);
  for (int i = 0; i < 70; ++i) block += TableEntry(kLong, "x", "");
  const auto index = ParseCheckpointIndex(IndexOf(block, 1));
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().code, ErrorCode::kExhausted);
  EXPECT_THAT(index.error().message, HasSubstr("names of variables of more than"));
}

// Each part of no bytes takes some in memory.
TEST(CheckpointIndexTest, BoundsTheNumberOfPartsAndOfAxes) {
  const auto fields = [](const std::string& field, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += field;
    return out;
  };
  const auto is_read = [](const std::string& variable) {
    return ParseCheckpointIndex(IndexOf(OneShard() + TableEntry(0, "n", variable), 1)).ok();
  };
  const std::string part = {"\x3a\0", 2};
  EXPECT_TRUE(is_read(fields(part, 1'000'000)));
  EXPECT_FALSE(is_read(fields(part, 1'000'001)));
  const std::string axis = {"\x12\0", 2};  // of a shape
  const std::string extent = {"\x0a\0", 2};
  for (const size_t axes : {size_t{254}, size_t{255}}) {
    std::string shape;
    AppendBytesField(2, fields(axis, axes), &shape);
    EXPECT_EQ(is_read(shape), axes == 254);
    std::string slice;
    AppendBytesField(7, fields(extent, axes), &slice);
    EXPECT_EQ(is_read(slice), axes == 254);
  }
}

TEST(CheckpointIndexTest, BoundsWhatIsSaidOfVariables) {
  std::string entry;
  AppendBytesField(9, std::string(size_t{16} << 20, 'x'), &entry);  // no field that we know
  std::string table;
  std::string directory;
  for (const std::string& header : {OneShard(), std::string()}) {
    const std::string block = header + TableEntry(0, "m", entry) + TableEntry(0, "n", entry);
    directory += TableEntry(0, "k", AppendTableBlock(block, &table));
  }
  const auto index = ParseCheckpointIndex(EndTable(std::move(table), directory));
  ASSERT_FALSE(index.ok());
  EXPECT_THAT(index.error().message, HasSubstr("entries of variables of more than"));
}

TEST(CheckpointIndexTest, BoundsWhatSnappyStandsFor) {
  constexpr size_t kDeclared = (size_t{64} << 20) + 1;
  std::string block;
  AppendVarint(kDeclared, &block);
  block += "\x04xx";  // two bytes, copied over and over
  while (block.size() < 1000) block += "\xfe\x02" + std::string(1, '\0');
  const auto index = ParseCheckpointIndex(IndexOf(block, 1, true));
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().code, ErrorCode::kExhausted);
}

TEST(CheckpointIndexTest, ReadsNoBlockOverAndOver) {
  const std::string block = OneShard() + TableEntry(0, std::string(1000, 'k'), "");
  EXPECT_TRUE(ParseCheckpointIndex(IndexOf(block, 1)).ok());
  const auto index = ParseCheckpointIndex(IndexOf(block, 10));
  ASSERT_FALSE(index.ok());
  EXPECT_THAT(index.error().message, HasSubstr("its blocks overlap"));
}

}  // namespace
}  // namespace spirogram::store
