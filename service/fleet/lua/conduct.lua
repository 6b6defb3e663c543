-- The book of abuse, by the laws of service/blocks.py: a score that halves every minute, blocks that double.
local HALF_LIFE, FIRST_BLOCK, LONGEST_BLOCK, FORGIVEN = 60000, 60000, 86400000, 86400000
local REMEMBERED, BLOCKS_KEPT = 600000, 50000

-- A client's score as it is now, and until when it was told to wait.
local function conduct_of(key)
  local score, at, retry = parts(key, '^([%d.]+) (%d+) (%d+)$')
  if not score then return 0, 0 end
  return score * 0.5 ^ (math.max(0, now - at) / HALF_LIFE), tonumber(retry)
end

local function keep_conduct(key, score, retry)
  local line = string.format('%.3f %.0f %.0f', score, now, retry)
  redis.call('SET', key, line, 'PX', math.max(REMEMBERED, retry - now))
end

-- A block is a line that outlives it by a day, and a place in the list of those that run.
local function keep_block(key, blocks, client, ends, times, reason)
  local line = string.format('%.0f %.0f %s', ends, times, reason)
  redis.call('SET', key, line, 'PX', ends - now + FORGIVEN)
  look('ZCARD', blocks)
  redis.call('ZADD', blocks, ends, client)
  redis.call('ZREMRANGEBYSCORE', blocks, '-inf', now)
  redis.call('ZREMRANGEBYRANK', blocks, 0, -BLOCKS_KEPT - 1)
  redis.call('PEXPIRE', blocks, LONGEST_BLOCK)
end

-- Add points; at the threshold (0: never) the client is blocked. Returns when that block ends and its number, or 0, 0.
local function charge(key, block, blocks, client, points, reason, threshold, retry_until)
  local score, retry = conduct_of(key)
  score, retry = math.max(0, score + points), math.max(retry, retry_until)
  if threshold == 0 or score < threshold then
    keep_conduct(key, score, retry)
    return 0, 0
  end
  local ends, times = parts(block, '^(%d+) (%d+) ')
  if ends and tonumber(ends) > now then return 0, 0 end
  times = (tonumber(times) or 0) + 1
  ends = now + math.min(LONGEST_BLOCK, FIRST_BLOCK * 2 ^ math.min(times - 1, 20))
  keep_block(block, blocks, client, ends, times, reason)
  redis.call('DEL', key)
  return ends, times
end
