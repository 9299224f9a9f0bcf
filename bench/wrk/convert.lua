-- Posts to one record after another: @@NUMBER@@ in path and body counts on from where BENCH_FIRST says, each thread by itself.
local threads = 0
local path, body, number

function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

function init(args)
  path, body = args[1], args[2]
  number = tonumber(args[3]) + tonumber(os.getenv("BENCH_FIRST")) + place * 5000
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  number = number + 1
  local named = string.format("%d", number)
  return wrk.format(nil, (path:gsub("@@NUMBER@@", named)), nil, (body:gsub("@@NUMBER@@", named)))
end

dofile(os.getenv("BENCH_DONE"))
