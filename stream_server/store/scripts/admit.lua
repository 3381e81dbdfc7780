-- Count a session of a key in, unless too many run or too many began within the window. Repeating is harmless.
--
-- KEYS[1] ss:live:<key>    sorted set  session → when it was last renewed
-- KEYS[2] ss:starts:<key>  sorted set  session → when it began
--
-- ARGV 1 session id · 2 now · 3 seconds until a session is dead · 4 window in seconds
--      5 most sessions in the window · 6 most sessions at once ('' for none) · 7 seconds to keep the sets
-- Returns {"admitted"|"rate_limited"|"too_many_sessions", when the oldest start in the window was}.

local now = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.6f', now - tonumber(ARGV[3])))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.6f', now - tonumber(ARGV[4])))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  if ARGV[6] ~= '' and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[6]) then return {'too_many_sessions', ARGV[2]} end
  if ARGV[5] ~= '' and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
    return {'rate_limited', redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or ARGV[2]}
  end
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[7])
return {'admitted', ARGV[2]}
