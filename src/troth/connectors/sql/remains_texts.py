"""The sentences of ``remains``, in English and French, each under its code."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "sqlite_wal": {
        "en": "the write-ahead log beside the file, until a checkpoint has emptied it (journal_mode is WAL)",
        "fr": "le journal d'écriture à côté du fichier, jusqu'à ce qu'un point de reprise l'ait vidé "
        "(journal_mode vaut WAL)",
    },
    "sqlite_free_pages": {
        "en": "{pages} free pages of the file, if the application freed them without secure_delete, until VACUUM",
        "fr": "{pages} pages libres du fichier, si l'application les a libérées sans secure_delete, jusqu'à VACUUM",
    },
    "sqlite_statistics": {
        "en": "samples of the query planner (sqlite_stat4), until the next ANALYZE",
        "fr": "les échantillons du planificateur (sqlite_stat4), jusqu'au prochain ANALYZE",
    },
    "sqlite_disk": {
        "en": "blocks of the disk that the file system or the drive has set aside (snapshots, wear levelling)",
        "fr": "des blocs du disque que le système de fichiers ou le support a mis de côté (instantanés, usure)",
    },
    "postgresql_heap": {
        "en": "the table files, until their space is written again ({dead} dead rows now, autovacuum {autovacuum}); "
        "VACUUM frees the space without overwriting it, VACUUM FULL rewrites the table",
        "fr": "les fichiers des tables, jusqu'à ce que leur place soit réécrite ({dead} lignes mortes à présent, "
        "autovacuum {autovacuum}) ; VACUUM libère la place sans l'écraser, VACUUM FULL réécrit la table",
    },
    "postgresql_wal": {
        "en": "the write-ahead log, until its segments are recycled (max_wal_size {size}, wal_keep_size {keep})",
        "fr": "le journal d'écriture (WAL), jusqu'au recyclage de ses segments (max_wal_size {size}, "
        "wal_keep_size {keep})",
    },
    "postgresql_archive": {
        "en": "archived segments of the write-ahead log (archive_mode {mode}), as long as the archive keeps them",
        "fr": "les segments archivés du journal d'écriture (archive_mode {mode}), tant que l'archive les garde",
    },
    "postgresql_slots": {
        "en": "{slots} replication slots may hold the write-ahead log back without limit",
        "fr": "{slots} emplacements de réplication peuvent retenir le journal d'écriture sans limite",
    },
    "postgresql_statistics": {
        "en": "planner statistics (pg_stats), until the tables are analysed again",
        "fr": "les statistiques du planificateur (pg_stats), jusqu'à la prochaine analyse des tables",
    },
    "postgresql_oldest": {
        "en": "old versions of rows are kept for a transaction that began {minutes} minutes ago",
        "fr": "d'anciennes versions de lignes sont gardées pour une transaction commencée il y a {minutes} minutes",
    },
    "postgresql_oldest_unknown": {
        "en": "old versions of rows, as long as other sessions can see them (not visible to this account: "
        "needs pg_read_all_stats)",
        "fr": "d'anciennes versions de lignes, tant que d'autres sessions peuvent les voir (non visible pour ce "
        "compte : il faut pg_read_all_stats)",
    },
    "postgresql_publication": {
        "en": "the subscribers of the publication {names}, which receive copies of these tables",
        "fr": "les abonnés de la publication {names}, qui reçoivent des copies de ces tables",
    },
    "server_log": {
        "en": "the server's log, which records statements ({settings})",
        "fr": "le journal du serveur, qui enregistre des requêtes ({settings})",
    },
    "mariadb_binlog": {
        "en": "the binary log ({format}), for {days} days",
        "fr": "le journal binaire ({format}), pendant {days} jours",
    },
    "mariadb_binlog_endless": {
        "en": "the binary log ({format}), without end: binlog_expire_logs_seconds is 0",
        "fr": "le journal binaire ({format}), sans fin : binlog_expire_logs_seconds vaut 0",
    },
    "mariadb_redo": {
        "en": "the redo and undo logs, until they are written again",
        "fr": "les journaux redo et undo, jusqu'à leur réécriture",
    },
    "mariadb_purge": {
        "en": "the table files, until the purge has run; the oldest transaction began {minutes} minutes ago",
        "fr": "les fichiers des tables, jusqu'au passage de la purge ; la plus ancienne transaction a commencé il y a "
        "{minutes} minutes",
    },
    "mariadb_purge_unknown": {
        "en": "the table files, until the purge has run; how old the oldest transaction is, is not visible to this "
        "account (needs PROCESS)",
        "fr": "les fichiers des tables, jusqu'au passage de la purge ; l'âge de la plus ancienne transaction n'est pas "
        "visible pour ce compte (il faut PROCESS)",
    },
    "mariadb_history": {
        "en": "the history of {tables} (system versioning), until DELETE HISTORY is run",
        "fr": "l'historique de {tables} (versionnement système), jusqu'à l'exécution de DELETE HISTORY",
    },
    "mariadb_statistics": {
        "en": "planner statistics (mysql.column_stats), where ANALYZE TABLE … PERSISTENT was run, until its next run",
        "fr": "les statistiques du planificateur (mysql.column_stats), là où ANALYZE TABLE … PERSISTENT a été exécuté, "
        "jusqu'à sa prochaine exécution",
    },
}
"""By code, then language. The places are figures or names of settings and tables, never values of people."""
