# Boost for the modules that use it, which must agree on the settings. Its code outside templates is
# compiled once, here, so that the files that include it compile in seconds.
add_library(spirogram_boost STATIC "${CMAKE_CURRENT_LIST_DIR}/boost_sources.cc")
target_link_libraries(spirogram_boost PUBLIC Boost::headers Threads::Threads PRIVATE spirogram_flags)
target_compile_definitions(spirogram_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(SPIROGRAM_SANITIZE)
  # g++ 12 with sanitizers sees uninitialized values in boost::optional where there are none.
  target_compile_options(spirogram_boost PUBLIC -Wno-maybe-uninitialized)
endif()
if(SPIROGRAM_SANITIZE MATCHES thread)
  # ThreadSanitizer does not know fences; Asio's locks order what they would.
  target_compile_definitions(spirogram_boost PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
