package dev.keyledger.log;

import com.zaxxer.hikari.HikariDataSource;

/** The observable state of a pool of connections to PostgreSQL. Thread-safe. */
public final class ConnectionPool {
  /** The prefix of the names of all pools. */
  static final String PREFIX = "keyledger ";

  private final HikariDataSource pool;

  ConnectionPool(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Returns its purpose. */
  public String name() {
    return pool.getPoolName().substring(PREFIX.length());
  }

  /** Returns the largest number of connections. */
  public int connectionsMax() {
    return pool.getMaximumPoolSize();
  }

  /** Returns the number of connections that are in use. */
  public int used() {
    return pool.getHikariPoolMXBean().getActiveConnections();
  }

  /** Returns the number of threads that wait for a connection. */
  public int waiting() {
    return pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
  }
}
